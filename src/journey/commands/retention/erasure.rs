//! A record is erased: looked at first, asked for by one, agreed to by another; and whose time is over.

use jiff::Timestamp;

use crate::care::patient::{Patient, PatientId, Reference};
use crate::care::record::erasure::ExportProof;
use crate::care::record::retention::{Erasability, RetentionPeriods};
use crate::journey::deps::Deps;
use crate::journey::errors::people::erasure::ErasureError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::erase::{self, RecordVerdict};
use crate::journey::sending_policy::Policy;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::erasure::request::Erasure;
use crate::store::people::merges::{MergedRecord, RecordCount};

/// What erasing a record would come to. No Debug: it is hers.
pub struct ErasurePreview {
    /// Whose record it is.
    pub patient: Patient,
    /// Whether it may be erased today, and why.
    pub verdict: RecordVerdict,
    /// How much of each kind loses its words.
    pub size: RecordCount,
    /// Records that were merged into it and go with it.
    pub merged: Vec<MergedRecord>,
    /// Who asks for it, if somebody does and can still be agreed with.
    pub asked: Option<Erasure>,
}

/// A record whose time is over. No Debug: it is hers.
pub struct OverdueRecord {
    /// Whose record it is.
    pub patient: Patient,
    /// Its days, and since when it may be erased.
    pub verdict: RecordVerdict,
    /// Whether somebody asks for it already.
    pub is_asked: bool,
}

/// A page of records whose time is over.
pub struct OverdueRecords {
    /// In the order of their rows.
    pub records: Vec<OverdueRecord>,
    /// The row after which the next page begins; `None` on the last page.
    pub next: Option<PatientId>,
}

/// What is done about a record.
#[derive(Debug, Clone)]
pub enum ErasureStep {
    /// Ask for it to be erased.
    Ask(ExportProof),
    /// Agree with whoever asked; the case code as it was typed.
    Agree(String),
    /// Say that the record stays.
    Decline,
}

/// What erasing a record would come to; nothing is changed.
///
/// # Errors
/// There is no such patient; the store's own.
pub fn preview(clinic: &Deps, whose: &Reference, now: Timestamp) -> Result<ErasurePreview, StepError> {
    clinic.store.read(|view| {
        let patient = view.patient_by_reference(whose)?;
        Ok(ErasurePreview {
            verdict: erase::verdict(view, &patient, now, &clinic.policy)?,
            size: view.record_size(patient.id)?,
            merged: view.merged_from(patient.id)?,
            asked: view.erasure_of(patient.id)?.filter(|asked| erase::is_open(asked, now)),
            patient,
        })
    })
}

/// Takes a step. After an erasure the log is folded into the file at once, so that the words that were there are overwritten.
///
/// # Errors
/// `PermissionError`; [`ErasureError`]; the store's own.
pub fn take(clinic: &Deps, stamp: Stamp, whose: Reference, step: ErasureStep) -> Result<(), StepError> {
    let is_erasing = matches!(step, ErasureStep::Agree(_));
    let policy = std::sync::Arc::clone(&clinic.policy);
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient_by_reference(&whose)?;
        match step {
            ErasureStep::Ask(export) => erase::ask(tx, &patient, export, &policy),
            ErasureStep::Agree(typed) if typed != patient.reference.as_str() => {
                Err(ErasureError::OtherCode.into())
            }
            ErasureStep::Agree(_) => erase::agree(tx, &patient, &policy),
            ErasureStep::Decline => erase::decline(tx, patient.id),
        }
    })?;
    if is_erasing && let Err(fault) = clinic.store.fold_log() {
        tracing::warn!(%fault, "the log could not be folded after a record was erased; the night's work does it");
    }
    Ok(())
}

/// Records whose time is over and about which nothing is open, after the row `after`.
///
/// # Errors
/// [`StepError`] when the store fails or the clinic's zone is unknown.
pub fn overdue(clinic: &Deps, after: PatientId, now: Timestamp) -> Result<OverdueRecords, StepError> {
    let cutoff = erase::cutoff(&clinic.policy, now)?;
    clinic.store.read(|view| {
        let page = view.records_over(cutoff, after)?;
        let next = page.next().map(|patient| patient.id);
        let mut records = Vec::new();
        for patient in page.rows {
            let verdict = erase::verdict(view, &patient, now, &clinic.policy)?;
            if matches!(verdict.erasability, Erasability::Since(_)) {
                let is_asked = view.erasure_of(patient.id)?.is_some_and(|asked| erase::is_open(&asked, now));
                records.push(OverdueRecord { patient, verdict, is_asked });
            }
        }
        Ok(OverdueRecords { records, next })
    })
}

/// How many records could be erased today if records were kept for so long.
///
/// # Errors
/// As [`overdue`].
pub fn count_overdue(clinic: &Deps, periods: RetentionPeriods, now: Timestamp) -> Result<u32, StepError> {
    let policy = Policy { retention: periods, ..Policy::clone(&clinic.policy) };
    let cutoff = erase::cutoff(&policy, now)?;
    Ok(clinic.store.read(|view| view.count_records_over(cutoff))?)
}
