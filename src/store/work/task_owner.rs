//! Who works on a task, and until when it is put off. Neither is a state: the task is open all the while.

use jiff::Timestamp;

use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

impl Tx<'_> {
    /// That account works on an open task from now on; it is back on the worklist if it was put off.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when no such task is open.
    pub fn assign_task(&mut self, id: i64, account: &str) -> Result<(), StoreError> {
        let update = "UPDATE task SET owner = ?, snoozed_until = NULL WHERE id = ? AND state = 'open'";
        if self.sql.prepare_cached(update)?.execute((account, id))? == 0 {
            return Err(StoreError::not_found(&format!("open task `{id}`")));
        }
        self.audit(AuditAction::TaskAssigned, Subject::Task(id), &serde_json::json!({ "to": account }))
    }

    /// An open task leaves the worklist until then.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when no such task is open.
    pub fn snooze_task(&mut self, id: i64, until: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE task SET snoozed_until = ? WHERE id = ? AND state = 'open'";
        if self.sql.prepare_cached(update)?.execute((millis(until), id))? == 0 {
            return Err(StoreError::not_found(&format!("open task `{id}`")));
        }
        self.audit(
            AuditAction::TaskSnoozed,
            Subject::Task(id),
            &serde_json::json!({ "until": until.to_string() }),
        )
    }
}

impl View<'_> {
    /// Since when whoever works on a task does so; `None` where nobody ever did.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn task_owner_since(&self, id: i64) -> Result<Option<Timestamp>, StoreError> {
        // The first two conditions are those of the index.
        let ask = "SELECT at FROM audit_event INDEXED BY audit_subject WHERE action <> 'delivery.sent' \
                   AND action <> 'delivery.claimed' AND subject = ? AND action = ? ORDER BY at DESC LIMIT 1";
        self.one(ask, (Subject::Task(id).to_string(), AuditAction::TaskAssigned.name()), |r| {
            Ok(instant(r.get(0)?))
        })
    }
}
