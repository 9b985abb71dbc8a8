//! What the last rehearsal of a restore found: whether the newest copy can take the database's place. The daemon rehearses by
//! itself; `doctor`, the digest and a task tell what came of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::subject::Singleton;
use crate::store::work::tasks::NewTask;

/// The fact that keeps what was found.
const FACT: &str = "restore-rehearsed";
/// The cause of the task about one that failed.
pub const CAUSE: &str = "restore-rehearsal";
/// How often the daemon rehearses.
pub const EVERY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How soon it tries again after one that failed.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// What a rehearsal found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalRecord {
    /// When it was done.
    pub at: Timestamp,
    /// The file that was restored into a scratch directory; empty where there is no copy at all.
    pub copy: String,
    /// Why the copy could not take the database's place; `None` where it could.
    pub fault: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How many patients the copy has.
    pub patients: u64,
    /// How many letters it has.
    pub letters: u64,
    /// How many events the sent journal knows after it.
    pub events_since: u64,
}

/// The last rehearsal, if there was one.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn on_record(view: &View<'_>) -> Result<Option<RehearsalRecord>, StepError> {
    Ok(view.fact(FACT)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether it is time for one: a month after one that went well, a day after one that did not.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn is_due(view: &View<'_>, now: Timestamp) -> Result<bool, StepError> {
    let last = on_record(view)?;
    Ok(last.is_none_or(|last| {
        let rest = if last.fault.is_none() { EVERY } else { AGAIN };
        now.duration_since(last.at) >= rest
    }))
}

/// [`record`], for callers outside the runtime.
///
/// # Errors
/// As [`record`].
pub fn record_found(store: &Store, stamp: Stamp, found: RehearsalRecord) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| record(tx, &found))
}

/// Records what was found: a failure opens a task, and the next one that goes well closes it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn record(tx: &mut Tx<'_>, found: &RehearsalRecord) -> Result<(), StepError> {
    tx.set_fact(FACT, &serde_json::to_string(found).unwrap_or_default())?;
    let detail = serde_json::json!({ "ok": found.fault.is_none(), "took_ms": found.took_ms });
    tx.audit(AuditAction::RestoreRehearsed, Singleton::Database, &detail)?;
    match &found.fault {
        None => tx.close_tasks_caused(TaskKind::BackupFailed, CAUSE, "a restore was rehearsed and works")?,
        Some(why) => {
            let (reason, due_at) = (format!("The newest backup cannot be restored: {why}."), tx.at());
            let (kind, cause) = (TaskKind::BackupFailed, CAUSE.to_owned());
            tx.open_task(&NewTask { kind, cause, patient: None, follow_up: None, reason, due_at })?;
        }
    }
    Ok(())
}
