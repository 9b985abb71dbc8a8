//! Promises that a stop ended, and how they are laid again when it is over.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use super::follow_ups::FollowUpId;
use crate::care::patient::PatientId;
use crate::care::plan::reminder::ReminderState;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{date, instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// A promise of an open follow-up that ended without having reached her.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Its row, which stays when the promise is laid again under a new one.
    pub id: i64,
    /// The follow-up it promised something of.
    pub follow_up: FollowUpId,
    /// Name of its step; `.` and numbers behind it if it was laid again or is news of a date.
    pub step: String,
    /// The day it was laid on.
    pub send_on: Date,
    /// The instant it was laid on.
    pub send_at: Timestamp,
    /// When it loses its use.
    pub expires_at: Timestamp,
    /// How it ended: `cancelled` or `undeliverable`.
    pub state: ReminderState,
    /// What ended it: the word of a status, another reason of ours, or the words of a refusal.
    pub reason: String,
    /// Whether its letter was ever in doubt, so that it may have reached her after all.
    pub may_have_arrived: bool,
}

impl Tx<'_> {
    /// Lets an ended promise be laid again: its row keeps its fate under a name of its own, and its place is free.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn lay_again(&mut self, ended: &Ended) -> Result<(), StoreError> {
        let aside = "UPDATE reminder SET step = step || '.' || id WHERE id = ?";
        self.sql.prepare_cached(aside)?.execute([ended.id])?;
        let promise =
            "UPDATE follow_up SET promised_from = min(promised_from, ?1), next_at = ?2 WHERE id = ?3";
        let row = (millis(ended.send_at), self.at_ms(), ended.follow_up.0);
        self.sql.prepare_cached(promise)?.execute(row)?;
        let detail = serde_json::json!({ "step": ended.step, "stopped": ended.reason });
        self.audit(AuditAction::ReminderLaidAgain, ended.follow_up, &detail)
    }

    /// Lets the steps of a follow-up from that instant on be promises.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn promise_from(&mut self, id: FollowUpId, at: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE follow_up SET promised_from = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((millis(at), id.0))?;
        Ok(())
    }
}

impl View<'_> {
    /// Promises of a patient's open follow-ups that were withdrawn or refused.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails; `is_unreadable` when a row holds what nobody wrote.
    pub fn promises_ended(&self, patient: PatientId) -> Result<Vec<Ended>, StoreError> {
        let ask = "SELECT r.id, r.follow_up_id, r.step, r.send_on, r.send_at, r.expires_at, r.state, coalesce(r.reason, ''), \
                   coalesce(d.doubts > 0 OR d.state = 'unknown', 0) FROM reminder r \
                   JOIN follow_up f ON f.id = r.follow_up_id LEFT JOIN delivery d ON d.id = r.delivery_id \
                   WHERE r.patient_id = ? AND r.state IN ('cancelled', 'undeliverable') AND f.state IN ('planned', 'booked') \
                   ORDER BY r.send_at, r.id";
        self.all(ask, [patient.0], |r| of_row("reminder", r, 0, || ended(r)))
    }
}

fn ended(row: &Row<'_>) -> Result<Ended, StoreError> {
    let state: String = row.get(6)?;
    Ok(Ended {
        id: row.get(0)?,
        follow_up: FollowUpId(row.get(1)?),
        step: row.get(2)?,
        send_on: date(&row.get::<_, String>(3)?)?,
        send_at: instant(row.get(4)?),
        expires_at: instant(row.get(5)?),
        state: ReminderState::parse(&state).ok_or_else(|| StoreError::corrupt("reminder state"))?,
        reason: row.get(7)?,
        may_have_arrived: row.get(8)?,
    })
}
