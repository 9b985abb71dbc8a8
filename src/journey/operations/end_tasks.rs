//! Every open task about a patient ends.

use crate::care::patient::PatientId;
use crate::journey::alerts::acknowledge;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::Tx;

/// Ends every open task about a patient, and with it the asking to read: there is nothing left to do for her.
pub(in crate::journey) fn close_all(
    tx: &mut Tx<'_>,
    patient: PatientId,
    note: &str,
) -> Result<(), StepError> {
    tx.close_all_tasks(patient, note)?;
    acknowledge::was_read(tx, patient)
}
