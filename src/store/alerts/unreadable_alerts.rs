//! Alerts whose row cannot be read, and what is made of them: never less than they may have been (P5, P6).

use crate::store::alerts::lifecycle::{AlertId, COLUMNS, alert};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

/// Alerts that are not known to be quiet.
const RINGING: &str = "a.state <> 'closed' AND a.state <> 'acknowledged'";

impl View<'_> {
    /// Alerts of which nobody can say that a person has taken them on, and that cannot be read as they stand.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_in_doubt(&self) -> Result<Vec<AlertId>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id WHERE {RINGING}"
        );
        let read = |r: &rusqlite::Row<'_>| Ok((AlertId(r.get(0)?), self.noted(alert(r)).is_err()));
        let found = self.all(&ask, [], read)?;
        Ok(found.into_iter().filter_map(|(id, in_doubt)| in_doubt.then_some(id)).collect())
    }
}

impl Tx<'_> {
    /// Makes an alert that cannot be read one that rings: at the highest tier where its own is unknown, from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn mend_alert(&mut self, id: AlertId) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE alert AS a SET state = 'raised', audience = CASE WHEN audience = 'canary' THEN 'canary' ELSE 'ladder' END, \
             tier = CASE WHEN tier IS NULL OR tier IN ('emergency', 'urgent', 'soon') THEN tier ELSE 'emergency' END, \
             round = CASE WHEN typeof(round) = 'integer' AND round BETWEEN 0 AND 1000000 THEN round ELSE 0 END, \
             climbed_at = CASE WHEN typeof(climbed_at) = 'integer' THEN climbed_at END, \
             everyone_at = CASE WHEN typeof(everyone_at) = 'integer' THEN everyone_at END, owner_told_at = NULL, \
             notices = CASE WHEN typeof(notices) = 'integer' AND notices BETWEEN 0 AND 1000000 THEN notices ELSE 0 END, \
             raised_at = CASE WHEN typeof(raised_at) = 'integer' THEN raised_at ELSE ?1 END, \
             due_at = CASE WHEN typeof(due_at) = 'integer' THEN due_at ELSE ?1 END, \
             ringing_since = CASE WHEN typeof(ringing_since) = 'integer' THEN ringing_since ELSE ?1 END, \
             last_notice_at = CASE WHEN typeof(last_notice_at) = 'integer' THEN last_notice_at END, \
             next_notice_at = ?1, acknowledged_by = NULL, acknowledged_at = NULL, closed_by = NULL, closed_at = NULL, \
             outcome = NULL, dispositions = NULL, note = NULL WHERE id = ?2 AND {RINGING}"
        );
        self.sql.prepare_cached(&update)?.execute((self.at_ms(), id.0))?;
        self.audit(AuditAction::AlertMended, id, &serde_json::json!({}))
    }
}
