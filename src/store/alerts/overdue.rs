//! Alerts that were taken on and stand open: whoever has one is reminded, says that it is in hand, or it is raised again.

use jiff::Timestamp;

use crate::care::actor::Actor;
use crate::care::patient::PatientId;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

impl Tx<'_> {
    /// Notes that whoever took the alert on was told that its clock ran out; `next` is when it is raised again. Returns
    /// whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn remind_owner(&mut self, id: AlertId, next: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET owner_told_at = ?, next_notice_at = ?, notices = notices + 1 \
                      WHERE id = ? AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute((self.at_ms(), millis(next), id.0))?;
        if moved == 1 {
            let detail = serde_json::json!({ "raised_again_at": next.to_string() });
            self.audit(AuditAction::AlertOwnerTold, id, &detail)?;
        }
        Ok(moved == 1)
    }

    /// The clock of an alert that was taken on runs out at `at`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_clock(&mut self, id: AlertId, at: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE alert SET next_notice_at = ? WHERE id = ? AND state = 'acknowledged'";
        self.sql.prepare_cached(update)?.execute((millis(at), id.0))?;
        Ok(())
    }

    /// Lets every alert of hers that rings be looked at now: what made it rest was a mistake.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn ring_now(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let update = "UPDATE alert SET next_notice_at = ? WHERE patient_id = ? AND state = 'raised' AND next_notice_at > ?";
        let now = self.at_ms();
        self.sql.prepare_cached(update)?.execute((now, patient.0, now))?;
        Ok(())
    }

    /// The actor has the alert in hand until `clock`; it is theirs from now on. Returns whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn renew_alert(&mut self, id: AlertId, clock: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET acknowledged_by = ?, owner_told_at = NULL, next_notice_at = ? \
                      WHERE id = ? AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute((self.actor().word(), millis(clock), id.0))?;
        if moved == 1 {
            let detail = serde_json::json!({ "until": clock.to_string() });
            self.audit(AuditAction::AlertRenewed, id, &detail)?;
        }
        Ok(moved == 1)
    }

    /// The alert is that account's from now on; its clock goes on. Returns whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hand_alert_over(&mut self, id: AlertId, account: &str) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET acknowledged_by = ? WHERE id = ? AND state = 'acknowledged'";
        let by = Actor::Staff(account.to_owned()).word();
        let moved = self.sql.prepare_cached(update)?.execute((&by, id.0))?;
        if moved == 1 {
            self.audit(AuditAction::AlertHandedOver, id, &serde_json::json!({ "to": by }))?;
        }
        Ok(moved == 1)
    }

    /// Nothing more is asked for an alert that was taken on: its answer was read. Returns whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn rest_alert(&mut self, id: AlertId) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET next_notice_at = NULL WHERE id = ? AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute([id.0])?;
        if moved == 1 {
            self.audit(AuditAction::AlertRead, id, &serde_json::json!({}))?;
        }
        Ok(moved == 1)
    }

    /// The actor gives an alert back that was taken on: the ladder begins anew under the clock with which it last began to ring,
    /// and nobody has acted on it. Returns whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn give_alert_back(&mut self, id: AlertId) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET state = 'raised', acknowledged_by = NULL, acknowledged_at = NULL, owner_told_at = NULL, \
                      first_acted_at = NULL, next_notice_at = ?1, round = round + 1, climbed_at = NULL, everyone_at = NULL, \
                      last_notice_at = NULL WHERE id = ?2 AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute((self.at_ms(), id.0))?;
        if moved == 1 {
            self.forget_told(id)?;
            self.audit(AuditAction::AlertGivenBack, id, &serde_json::json!({}))?;
        }
        Ok(moved == 1)
    }

    /// An alert that was taken on and left rings as if it had just been raised. Returns whether it was taken on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reopen_alert(&mut self, id: AlertId) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET state = 'raised', left_by = acknowledged_by, acknowledged_by = NULL, \
                      acknowledged_at = NULL, owner_told_at = NULL, ringing_since = ?1, next_notice_at = ?1, \
                      round = round + 1, climbed_at = NULL, everyone_at = NULL, last_notice_at = NULL \
                      WHERE id = ?2 AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute((self.at_ms(), id.0))?;
        if moved == 1 {
            self.forget_told(id)?;
            self.audit(AuditAction::AlertReopened, id, &serde_json::json!({}))?;
        }
        Ok(moved == 1)
    }
}

impl View<'_> {
    /// Who gave an alert back, and when, where that is the last that happened to it by a hand or a clock; none else.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_given_back(&self, id: AlertId) -> Result<Option<(String, Timestamp)>, StoreError> {
        // The first two conditions are those of the index.
        let ask = "SELECT actor, at, action FROM audit_event INDEXED BY audit_subject WHERE action <> 'delivery.sent' \
                   AND action <> 'delivery.claimed' AND subject = ?1 AND action IN (?2, ?3, ?4, ?5) \
                   ORDER BY at DESC, id DESC LIMIT 1";
        let [back, taken, again, lifted] = [
            AuditAction::AlertGivenBack,
            AuditAction::AlertAcknowledged,
            AuditAction::AlertReopened,
            AuditAction::AlertLifted,
        ]
        .map(AuditAction::name);
        let subject = Subject::from(id).to_string();
        let last = self.one(ask, (subject, back, taken, again, lifted), |r| {
            Ok((r.get::<_, String>(0)?, instant(r.get(1)?), r.get::<_, String>(2)?))
        })?;
        Ok(last.filter(|(.., action)| action == back).map(|(by, at, _)| (by, at)))
    }
}
