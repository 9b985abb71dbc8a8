//! What the copies and what belongs to them have in common when something fails: the task about it, and how soon it is tried
//! again.

use std::time::Duration;

use crate::care::task::TaskKind;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::work::tasks::NewTask;

/// How soon what failed is tried again.
pub(in crate::daemon::backup) const AGAIN: Duration = Duration::from_secs(3600);

/// It failed: a person is asked today.
pub(in crate::daemon::backup) fn failed(
    tx: &mut Tx<'_>,
    cause: &str,
    reason: String,
) -> Result<(), StoreError> {
    let (kind, cause, due_at) = (TaskKind::BackupFailed, cause.to_owned(), tx.at());
    tx.open_task(&NewTask { kind, cause, patient: None, follow_up: None, reason, due_at }).map(drop)
}

/// It works again: what was asked of a person is closed.
pub(in crate::daemon::backup) fn mended(tx: &mut Tx<'_>, cause: &str, note: &str) -> Result<(), StoreError> {
    tx.close_tasks_caused(TaskKind::BackupFailed, cause, note)
}
