//! An address that leads to none of ours: letters to it stop, and a person is asked today.

use super::{change, status_task};
use crate::care::patient::{Patient, PatientStatus};
use crate::journey::errors::step::StepError;
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;

/// The mail server says that an address does not exist.
pub(in crate::journey) fn refused(tx: &mut Tx<'_>, patient: &Patient) -> Result<(), StepError> {
    record(tx, patient, "the mail server refused the address for good")
}

/// Every patient behind the address is stopped. A pause stands, with its last day: it is nobody's to end who writes, nor a new
/// address's.
pub(in crate::journey::patients) fn record(
    tx: &mut Tx<'_>,
    patient: &Patient,
    why: &str,
) -> Result<(), StepError> {
    let Some(email) = &patient.email else { return Ok(()) };
    for (id, _) in tx.sharing(email)? {
        // The record of somebody who shares the mailbox keeps nobody else from being stopped.
        let mate = match tx.patient(id) {
            Err(fault) if fault.is_unreadable() => continue,
            mate => mate?,
        };
        let lost = StatusChange {
            to: PatientStatus::AddressBad,
            reason: why.to_owned(),
            until: None,
            confirmed_by: None,
        };
        match mate.status {
            PatientStatus::Active => change(tx, &mate, &lost)?,
            PatientStatus::Paused => {
                if let Some(task) = status_task::task(tx.at(), mate.id, &lost) {
                    tx.open_task(&task)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
