//! A person has done a task, or its cause is gone: what the task stood for ends with it, in the same transaction.

use super::{StepError, alert, hold};
use crate::care::patient::PatientId;
use crate::care::task::Kind;
use crate::store::Tx;

/// Records that a task is done. Reading an answer is what its alert asked for: whoever read it has taken that on. Returns
/// while what the task comes back, if it stands for a condition.
///
/// # Errors
/// [`StepError`]; the store's `is_not_found` when no such task is open.
pub fn close(tx: &mut Tx<'_>, id: i64, note: &str) -> Result<Option<&'static str>, StepError> {
    tx.close_task(id, note)?;
    let done = tx.task(id)?;
    match (done.kind, &done.patient) {
        (Kind::ReadAnswer, Some((patient, _))) => alert::was_read(tx, *patient)?,
        // Whoever closes it says that the clock is right.
        (Kind::Hold, _) if done.cause == hold::CLOCK => hold::settle(tx)?,
        _ => {}
    }
    Ok(done.kind.stands_while())
}

/// Ends every open task about a patient, and with it the asking to read: there is nothing left to do for her.
pub(super) fn close_all(tx: &mut Tx<'_>, patient: PatientId, note: &str) -> Result<(), StepError> {
    tx.close_all_tasks(patient, note)?;
    alert::was_read(tx, patient)
}
