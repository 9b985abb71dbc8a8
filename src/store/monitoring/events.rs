//! How often something happened in a stretch of time, as the audit tells.

use jiff::Timestamp;

use crate::store::audit_action::AuditAction;
use crate::store::audit_pages::letter_events::{OTHERS, is_of_letters};
use crate::store::db::columns::millis;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

fn between(action: AuditAction) -> String {
    let (index, also) = match is_of_letters(action.name()) {
        true => ("audit_at", String::new()),
        false => ("audit_action", format!(" AND {OTHERS}")),
    };
    format!(
        "SELECT count(*) FROM audit_event INDEXED BY {index} WHERE action = ?1 AND at >= ?2 AND at < ?3{also}"
    )
}

impl View<'_> {
    /// How many events of that action were recorded from one instant to another, the second left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn events_between(
        &self,
        action: AuditAction,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<u64, StoreError> {
        let values = (action.name(), millis(from), millis(until));
        Ok(self
            .sql
            .prepare_cached(&between(action))?
            .query_row(values, |r| r.get::<_, u32>(0))
            .map(u64::from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, stamp};
    use crate::store::db::columns::instant;
    use crate::store::subject::Singleton;

    #[test]
    fn an_event_counts_from_its_instant_on_and_nothing_else_is_read() {
        let (_dir, store) = fresh();
        let job = |tx: &mut crate::store::db::transaction::Tx<'_>| {
            tx.audit(AuditAction::KeyNoted, Singleton::Database, &serde_json::json!({}))
        };
        store.write_blocking(stamp(), job).unwrap();
        let count = |from, until| {
            let asked =
                |view: &View<'_>| view.events_between(AuditAction::KeyNoted, instant(from), instant(until));
            store.read(asked).unwrap()
        };
        assert_eq!((count(1_000, 1_001), count(1_001, 9_000), count(0, 1_000)), (1, 0, 0));
        let steps = plan(&store, &between(AuditAction::KeyNoted), &["a", "1", "2"]);
        assert_eq!(steps.len(), 1);
        assert!(steps[0].starts_with("SEARCH audit_event USING COVERING INDEX audit_action"), "{steps:?}");
    }
}
