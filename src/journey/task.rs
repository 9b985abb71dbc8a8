//! A person has done a task, or its cause is gone: what the task stood for ends with it, in the same transaction.

use super::{StepError, alert};
use crate::care::patient::PatientId;
use crate::care::task::Kind;
use crate::store::Tx;

/// Records that a task is done. Reading an answer is what its alert asked for: whoever read it has taken that on.
///
/// # Errors
/// [`StepError::FormsLocked`] while her forms are locked: unlocking them ends the task; the store's `is_not_found` when no
/// such task is open.
pub fn close(tx: &mut Tx<'_>, id: i64, note: &str) -> Result<(), StepError> {
    tx.close_task(id, note)?;
    let done = tx.task(id)?;
    if let (Kind::LinkLocked, Some((patient, _))) = (done.kind, &done.patient)
        && tx.has_locked_forms(*patient)?
    {
        return Err(StepError::FormsLocked);
    }
    match done.patient {
        Some((patient, _)) if done.kind == Kind::ReadAnswer => alert::was_read(tx, patient),
        _ => Ok(()),
    }
}

/// Ends every open task about a patient, and with it the asking to read: there is nothing left to do for her.
pub(super) fn close_all(tx: &mut Tx<'_>, patient: PatientId, note: &str) -> Result<(), StepError> {
    tx.close_all_tasks(patient, note)?;
    alert::was_read(tx, patient)
}
