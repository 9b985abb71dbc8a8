//! A clinician says how things stand: a baseline, a reason known for a while (M1), bone spread (K1). Never done by the
//! daemon; each has its audit event.

use jiff::civil::Date;

use super::answers::written;
use super::permit::permit;
use super::policy::{day, zone};
use super::{Clinic, StepError};
use crate::care::answer::{Answers, Baseline, Known, Mark};
use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::care::tier::Code;
use crate::store::checklists::ChecklistVersionId;
use crate::store::history::BaselineRow;
use crate::store::{StoreError, Tx, View};

/// How things stand: the checklist, fields and words, and the clinician's own marks over the usual ones.
pub type Stand<'a> = (ChecklistVersionId, &'a [(String, String)], &'a [(String, Mark)]);

/// Confirms a baseline. Present signs count as known; `marks` say otherwise item by item (a stoma, a catheter).
///
/// # Errors
/// [`StepError::NotSignedIn`] or [`StepError::NotYours`] for anyone but a clinician; [`StepError::Checklist`]; the store's own.
pub fn confirm(
    tx: &mut Tx<'_>,
    patient: PatientId,
    stand: Stand<'_>,
    clinic: &Clinic,
) -> Result<(), StepError> {
    let by = permit(tx, Act::ConfirmBaseline)?;
    let (version, fields, marks) = stand;
    let checklist = clinic.care.checklists.get(tx, version)?;
    let words = fields.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let answers = Answers::read(&checklist, words).answers;
    let on = today(tx, clinic)?;
    let mut baseline = Baseline::confirm(&checklist, answers, &by, on);
    baseline.marks.extend(marks.iter().cloned());
    let row = BaselineRow {
        version,
        answers: written(&baseline.answers),
        marks: baseline.marks,
        confirmed_by: by,
        confirmed_on: on,
    };
    Ok(tx.insert_baseline(patient, &row)?)
}

/// The newest confirmed baseline. One that cannot be read is logged and left out: without it the rules are stricter, and
/// neither an answer nor a page is refused for it.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn on_record(view: &View<'_>, patient: PatientId) -> Result<Option<BaselineRow>, StoreError> {
    match view.baseline(patient) {
        Err(fault) if fault.is_corrupt() => {
            tracing::error!(patient = patient.0, %fault, "a baseline cannot be read and is left out");
            Ok(None)
        }
        found => found,
    }
}

/// What is marked as known on that day or later. Marks that cannot be read are logged and left out, as in [`on_record`].
#[must_use]
pub fn marks(view: &View<'_>, patient: PatientId, on: Date) -> Vec<Known> {
    view.known(patient, on).unwrap_or_else(|fault| {
        tracing::error!(patient = patient.0, %fault, "marks of what is known cannot be read");
        Vec::new()
    })
}

/// Marks S2 or S3 as known until a date, six months away at most (M1).
///
/// # Errors
/// [`StepError::NotSignedIn`], [`StepError::NotYours`], [`StepError::Known`] for any other reason or date; the store's own.
pub fn known(
    tx: &mut Tx<'_>,
    patient: PatientId,
    mark: (Code, Date),
    clinic: &Clinic,
) -> Result<(), StepError> {
    permit(tx, Act::MarkKnown)?;
    let from = today(tx, clinic)?;
    Ok(tx.insert_known(patient, Known::new(mark.0, from, mark.1)?, from)?)
}

/// Notes that bone spread is known: every reason weighs one step more from now on (K1).
///
/// # Errors
/// [`StepError::NotSignedIn`] or [`StepError::NotYours`] for anyone but a clinician; the store's own.
pub fn bone_spread(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    permit(tx, Act::NoteBoneSpread)?;
    Ok(tx.note_bone_spread(patient)?)
}

fn today(tx: &Tx<'_>, clinic: &Clinic) -> Result<Date, StepError> {
    Ok(day(tx.at(), &zone(&clinic.policy.zone)?))
}
