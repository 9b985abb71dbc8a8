//! A patient's whole record is given out, as a page to print or as a file: noted before it is.

use crate::care::patient::{PatientId, Reference};
use crate::care::permission::Act;
use crate::care::record::export_reason::{ExportForm, ExportReason};
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};

/// Whose record is given out, why and as what.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Case code of the patient whose record it is.
    pub whose: Reference,
    /// Why it is given out; stands in the audit.
    pub why: ExportReason,
    /// In which form it is given out.
    pub form: ExportForm,
}

/// Notes that a record is given out. Whoever calls it then reads the record.
///
/// # Errors
/// There is no such patient; the actor may not; the store's own.
pub fn note(clinic: &Deps, stamp: Stamp, request: ExportRequest) -> Result<PatientId, StepError> {
    let write = move |tx: &mut Tx<'_>| -> Result<PatientId, StepError> {
        permit_account(tx, Act::ExportRecord)?;
        let patient = tx.patient_by_reference(&request.whose)?.id;
        let detail = serde_json::json!({ "why": request.why.word(), "as": request.form.word() });
        tx.audit(AuditAction::PatientExported, patient, &detail)?;
        Ok(patient)
    };
    clinic.store.write_blocking(stamp, write)
}
