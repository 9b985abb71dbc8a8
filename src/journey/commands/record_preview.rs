//! What a change of a record would come to, found by doing it and taking it back: what is shown is what is applied (P11).

use crate::journey::commands::patient_record::{RecordCorrection, correct, take_in};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::Admission;
use crate::journey::plan::outlook::{ComingStep, OutlookChange, coming_year};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

/// What enrolling somebody would come to.
#[derive(Debug, Clone)]
pub struct AdmissionPreview {
    /// Letters and tasks of the first year.
    pub coming: Vec<ComingStep>,
    /// What a person would be asked at once.
    pub tasks: Vec<String>,
    /// Case codes with the same name and birth date.
    pub alike: Vec<String>,
}

/// What a correction would come to.
#[derive(Debug, Clone)]
pub struct CorrectionPreview {
    /// What becomes of the letters of the coming year.
    pub letters: OutlookChange,
    /// Case codes with the corrected name and birth date.
    pub alike: Vec<String>,
}

/// Why a change that is only tried ends: it was seen, or it cannot be.
enum TriedChange<T> {
    Seen(T),
    Refused(StepError),
}

impl<T> From<StoreError> for TriedChange<T> {
    fn from(fault: StoreError) -> Self {
        Self::Refused(fault.into())
    }
}

impl<T> From<StepError> for TriedChange<T> {
    fn from(fault: StepError) -> Self {
        Self::Refused(fault)
    }
}

/// Does something, looks, and takes it back.
fn tried<T: Send + 'static>(
    clinic: &Deps,
    stamp: Stamp,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), TriedChange<T>> { Err(TriedChange::Seen(job(tx)?)) };
    match clinic.store.write_blocking(stamp, job) {
        Err(TriedChange::Seen(found)) => Ok(found),
        Err(TriedChange::Refused(fault)) => Err(fault),
        Ok(()) => Err(StoreError::conflict("a change that was only tried was kept").into()),
    }
}

/// What enrolling somebody would come to. Nothing is recorded.
///
/// # Errors
/// As [`crate::journey::commands::patient_record::admit`].
pub fn preview_admission(
    clinic: &Deps,
    stamp: Stamp,
    admission: Admission,
) -> Result<AdmissionPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let id = take_in(tx, &admission, &steps.policy)?;
        let patient = tx.patient(id)?;
        let tasks = tx.tasks_of(id)?.into_iter().map(|task| task.reason).collect();
        let alike = tx.alike(id, &patient.name, patient.birth_on)?;
        let coming = coming_year(tx, &patient, &steps, tx.at())?;
        Ok(AdmissionPreview { coming, tasks, alike: alike.into_iter().map(|(_, code)| code).collect() })
    })
}

/// What a correction would come to. Nothing is recorded.
///
/// # Errors
/// As [`crate::journey::commands::patient_record::correct_record`].
pub fn preview_correction(
    clinic: &Deps,
    stamp: Stamp,
    ask: RecordCorrection,
) -> Result<CorrectionPreview, StepError> {
    let steps = clinic.clone();
    tried(clinic, stamp, move |tx| {
        let before = tx.patient_by_reference(&ask.whose)?;
        let was = coming_year(tx, &before, &steps, tx.at())?;
        correct(tx, ask, &steps)?;
        let after = tx.patient(before.id)?;
        let letters = OutlookChange::between(was, coming_year(tx, &after, &steps, tx.at())?);
        let alike = match (&before.name, before.birth_on) == (&after.name, after.birth_on) {
            true => Vec::new(),
            false => tx.alike(after.id, &after.name, after.birth_on)?,
        };
        Ok(CorrectionPreview { letters, alike: alike.into_iter().map(|(_, code)| code).collect() })
    })
}
