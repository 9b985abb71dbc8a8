//! Tasks and alerts that are alike: opened by one cause, and closed together where a person has dealt with that cause.

use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::{self, Alert, AlertId};
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::tasks::{self, Task};

/// So many are shown, and closed, at once.
pub const ALIKE_AT_ONCE: u32 = 50;

impl View<'_> {
    /// Open tasks of the same kind that open with the same facts, this one among them, oldest first; a page of them.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails; `is_not_found` when there is no such task.
    pub fn tasks_alike(&self, id: i64) -> Result<Vec<Task>, StoreError> {
        let model = self.task(id)?;
        let ask = format!(
            "SELECT {} FROM task t LEFT JOIN patient p ON p.id = t.patient_id \
             WHERE t.state = 'open' AND t.kind = ?1 AND t.reason = (SELECT o.reason FROM task o WHERE o.id = ?2) ORDER BY t.due_at, t.id LIMIT {ALIKE_AT_ONCE}",
            tasks::COLUMNS
        );
        self.readable(&ask, (model.kind.word(), id), tasks::task)
    }

    /// Open alerts of the same tier that ring for the same reasons, this one among them, oldest first; a page of them. An
    /// emergency has none: it is closed by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails; `is_not_found` when there is no such alert.
    pub fn alerts_alike(&self, id: AlertId) -> Result<Vec<Alert>, StoreError> {
        let tier = self.alert(id)?.tier;
        let newest = "SELECT r.reasons FROM response r WHERE r.alert_id = ? ORDER BY r.answered_at DESC, r.id DESC LIMIT 1";
        let reasons: Option<String> = rows(self.sql, newest, [id.0], |r| r.get(0))?.pop();
        let Some(reasons) = reasons.filter(|_| tier != Some(Tier::Emergency)) else { return Ok(Vec::new()) };
        let ask = format!(
            "SELECT {} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id \
             WHERE a.state <> 'closed' AND a.audience = 'ladder' AND a.tier IS ?1 AND ?2 = (SELECT r.reasons FROM response r \
             WHERE r.alert_id = a.id ORDER BY r.answered_at DESC, r.id DESC LIMIT 1) ORDER BY a.raised_at, a.id LIMIT {ALIKE_AT_ONCE}",
            lifecycle::COLUMNS
        );
        self.readable(&ask, (tier.map(Tier::word), reasons), lifecycle::alert)
    }
}
