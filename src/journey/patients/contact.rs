//! How a patient is reached by telephone, or her consent to e-mail, changes. The audit names the fields, never what stands in them.

use jiff::civil::Date;

use crate::care::actor::Actor;
use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::journey::authorize::permit;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;

/// A contact as it is to stand, and which one its writer had before her.
#[derive(Debug, Clone)]
pub struct ContactChange {
    /// What is to stand on record.
    pub to: PatientContact,
    /// The revision that was seen.
    pub seen: i64,
}

/// Writes down what a list knows where the record knows nothing; what stands there stays.
///
/// # Errors
/// As [`change`].
pub(in crate::journey) fn fill_in(
    tx: &mut Tx<'_>,
    patient: PatientId,
    known: &PatientContact,
) -> Result<(), StepError> {
    let before = tx.contact(patient)?;
    let ask = ContactChange { to: before.details.filled_from(known), seen: before.revision };
    let fields = change(tx, patient, &ask)?;
    if fields.is_empty() {
        return Ok(());
    }
    Ok(tx.audit(AuditAction::PatientCorrected, patient, &serde_json::json!({ "fields": fields }))?)
}

/// Writes a contact down and names the fields that differ.
///
/// # Errors
/// [`RecordError::ContactChanged`] when somebody else was quicker, [`RecordError::Contact`] when it cannot stand so; the
/// actor may not; the store's own.
pub(in crate::journey::patients) fn change(
    tx: &mut Tx<'_>,
    patient: PatientId,
    ask: &ContactChange,
) -> Result<Vec<&'static str>, StepError> {
    if matches!(tx.actor(), Actor::Staff(_)) {
        permit(tx, Act::ChangeContact)?;
    }
    // Where her zone is not known any more, the day of her consent is taken as it is.
    let today = zone(&tx.patient(patient)?.zone).map_or(Date::MAX, |zone| day(tx.at(), &zone));
    ask.to.check_on(today).map_err(RecordError::Contact)?;
    let before = tx.contact(patient)?;
    let fields: Vec<_> = before.details.differing(&ask.to).map(ContactField::word).collect();
    if fields.is_empty() {
        return Ok(fields);
    }
    if before.revision != ask.seen {
        return Err(RecordError::ContactChanged.into());
    }
    tx.put_contact(patient, &ask.to)?;
    Ok(fields)
}
