//! Messages about nobody on record (strangers, advertisements): no record of a patient holds them, so none is erased with them. They
//! go by their own age, once nobody has anything to do with them.

use jiff::Timestamp;

use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::inbound::InboundId;

impl View<'_> {
    /// Messages about nobody on record that came in before `before` and with which no open task stands, oldest first; at most 200.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn inbound_of_nobody(&self, before: Timestamp) -> Result<Vec<InboundId>, StoreError> {
        rows(self.sql, OF_NOBODY, [millis(before)], |r| Ok(InboundId(r.get(0)?)))
    }
}

impl Tx<'_> {
    /// Deletes a message; that it was there stays in the audit.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn drop_inbound(&mut self, id: InboundId) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("DELETE FROM inbound WHERE id = ? AND patient_id IS NULL")?
            .execute([id.0])?;
        self.audit(AuditAction::InboundDropped, id, &serde_json::json!({}))
    }
}

/// Its own task, the one it may share, or that of the letter it is about. The newest message of all stays: its number must not be
/// given out again.
const OF_NOBODY: &str = "SELECT i.id FROM inbound i WHERE i.patient_id IS NULL AND i.received_at < ?1 \
    AND i.id <> (SELECT max(id) FROM inbound) \
    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.cause = 'inbound/' || i.id AND t.state = 'open') \
    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.cause = 'inbound/more' AND t.state = 'open' AND t.opened_at <= i.received_at) \
    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.cause = 'delivery/' || i.delivery_id AND t.state = 'open') \
    ORDER BY i.received_at, i.id LIMIT 200";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn old_messages_are_found_without_a_look_at_every_message_or_task_ever() {
        let (_dir, store) = fresh();
        let steps = plan(&store, OF_NOBODY, &["0"]);
        assert!(
            !steps.iter().any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT")),
            "{steps:?}"
        );
    }
}
