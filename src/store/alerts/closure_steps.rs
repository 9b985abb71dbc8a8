//! Which steps followed from an alert as it ended.

use jiff::civil::Date;

use crate::care::alert::closure_step::ClosureStep;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::date;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

impl Tx<'_> {
    /// Writes down that a step follows from an alert. Returns whether that is new.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_closure_step(&mut self, alert: AlertId, step: ClosureStep) -> Result<bool, StoreError> {
        let until = match step {
            ClosureStep::Pause(until) => Some(until.to_string()),
            _ => None,
        };
        let insert = "INSERT INTO alert_closure_step (alert_id, step, until_on, taken_at, taken_by) VALUES (?, ?, ?, ?, ?) \
                      ON CONFLICT DO NOTHING";
        let row = (alert.0, step.word(), &until, self.at_ms(), self.actor().word());
        let is_new = self.sql.prepare_cached(insert)?.execute(row)? == 1;
        if is_new {
            let detail = serde_json::json!({ "step": step.word(), "until": until });
            self.audit(AuditAction::AlertFollowed, alert, &detail)?;
        }
        Ok(is_new)
    }
}

impl View<'_> {
    /// The steps that followed from an alert.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn closure_steps(&self, alert: AlertId) -> Result<Vec<ClosureStep>, StoreError> {
        let ask = "SELECT step, until_on, alert_id FROM alert_closure_step WHERE alert_id = ? ORDER BY taken_at, step";
        self.readable(ask, [alert.0], |r| {
            of_row("alert_closure_step", r, 2, || {
                let (word, until): (String, Option<String>) = (r.get(0)?, r.get(1)?);
                let until: Option<Date> = until.as_deref().map(date).transpose()?;
                ClosureStep::parse(&word, until).ok_or_else(|| StoreError::corrupt("step after an alert"))
            })
        })
    }
}
