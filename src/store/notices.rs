//! Whom an alert told, the calls to other systems that wait, and test alerts.

use jiff::Timestamp;
use rusqlite::Row;

use super::alerts::AlertId;
use super::outbox::DeliveryId;
use super::{StoreError, Tx, View, instant, millis, rows};
use crate::care::address::EmailAddress;
use crate::care::trust;

/// How somebody was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A letter to staff.
    Email(DeliveryId),
    /// A signed call.
    Webhook(i64),
    /// The letter to the patient: go now.
    Patient(DeliveryId),
    /// Nobody: the canary's alert.
    Canary,
}

/// One notice of an alert.
#[derive(Debug, Clone)]
pub struct Told {
    /// Why it left: `rung`, `everyone` or `again`.
    pub why: &'static str,
    /// Which rung, by name.
    pub rung: Option<String>,
    /// How.
    pub channel: Channel,
}

/// A notice as the console shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub told_at: Timestamp,
    /// Why: `rung`, `everyone` or `again`.
    pub why: String,
    /// How: `email`, `webhook`, `patient` or `canary`.
    pub channel: String,
    /// Which rung, by name.
    pub rung: Option<String>,
}

/// A signed call that waits.
#[derive(Debug, Clone)]
pub struct Call {
    /// Row identity.
    pub id: i64,
    /// Where it goes.
    pub url: String,
    /// What it says: case code, tier, link, alert.
    pub body: String,
    /// How often it was tried.
    pub attempt: u32,
    /// Not after.
    pub expires_at: Timestamp,
}

impl Tx<'_> {
    /// Writes down whom an alert told. Append-only.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_notice(&mut self, alert: AlertId, told: &Told) -> Result<(), StoreError> {
        let (channel, delivery, webhook) = match told.channel {
            Channel::Email(id) => ("email", Some(id.0), None),
            Channel::Webhook(id) => ("webhook", None, Some(id)),
            Channel::Patient(id) => ("patient", Some(id.0), None),
            Channel::Canary => ("canary", None, None),
        };
        let insert = "INSERT INTO alert_notice (alert_id, why, channel, rung, delivery_id, webhook_id, told_at) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let row = (alert.0, told.why, channel, &told.rung, delivery, webhook, self.at_ms());
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "why": told.why, "channel": channel, "rung": told.rung });
        self.audit("alert.told", &format!("alert/{}", alert.0), &detail)
    }

    /// Puts a call into its outbox; it is due at once.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn enqueue_call(&mut self, url: &str, body: &str, expires_at: Timestamp) -> Result<i64, StoreError> {
        let insert = "INSERT INTO webhook_call (url, body, state, next_at, expires_at, created_at) \
                      VALUES (?1, ?2, 'pending', ?3, ?4, ?3)";
        self.sql.prepare_cached(insert)?.execute((url, body, self.at_ms(), millis(expires_at)))?;
        Ok(self.sql.last_insert_rowid())
    }

    /// Records one try of a call: taken, to be tried again at an instant, or given up.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn settle_call(
        &mut self,
        id: i64,
        taken: Result<(), Option<Timestamp>>,
        reply: &str,
    ) -> Result<(), StoreError> {
        let (state, next) = match taken {
            Ok(()) => ("sent", None),
            Err(Some(at)) => ("pending", Some(millis(at))),
            Err(None) => ("failed", None),
        };
        let ended = next.is_none().then(|| self.at_ms());
        let update = "UPDATE webhook_call SET state = ?, next_at = ?, ended_at = ?, reply = ?, attempt = attempt + 1 \
                      WHERE id = ? AND state = 'pending'";
        self.sql.prepare_cached(update)?.execute((state, next, ended, reply, id))?;
        self.audit("webhook.tried", &format!("webhook/{id}"), &serde_json::json!({ "state": state }))
    }

    /// Ends the calls of an alert that still wait: a person has taken it on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn drop_calls(&mut self, alert: AlertId) -> Result<(), StoreError> {
        let update = "UPDATE webhook_call SET state = 'failed', next_at = NULL, ended_at = ?, reply = 'a person took the alert on' \
                      WHERE state = 'pending' AND id IN (SELECT webhook_id FROM alert_notice WHERE alert_id = ?)";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), alert.0))?;
        Ok(())
    }

    /// A letter that waits for its next try leaves at once. Returns whether it waited.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry(&mut self, letter: DeliveryId) -> Result<bool, StoreError> {
        let update = "UPDATE delivery SET next_at = min(next_at, ?) WHERE id = ? AND state = 'pending'";
        Ok(self.sql.prepare_cached(update)?.execute((self.at_ms(), letter.0))? == 1)
    }

    /// Writes a test alert down.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_test_alert(&mut self) -> Result<i64, StoreError> {
        self.sql.prepare_cached("INSERT INTO test_alert (sent_at) VALUES (?)")?.execute([self.at_ms()])?;
        let id = self.sql.last_insert_rowid();
        self.audit("test-alert.sent", &format!("test-alert/{id}"), &serde_json::json!({}))?;
        Ok(id)
    }

    /// The actor confirms every test alert that is open. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn acknowledge_tests(&mut self) -> Result<usize, StoreError> {
        let update =
            "UPDATE test_alert SET acknowledged_at = ?, acknowledged_by = ? WHERE acknowledged_at IS NULL";
        let confirmed = self.sql.prepare_cached(update)?.execute((self.at_ms(), self.actor()))?;
        if confirmed > 0 {
            self.audit("test-alert.acknowledged", "test-alerts", &serde_json::json!({ "count": confirmed }))?;
        }
        Ok(confirmed)
    }
}

impl View<'_> {
    /// Whom an alert told, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn notices_of(&self, alert: AlertId) -> Result<Vec<Notice>, StoreError> {
        let ask = "SELECT told_at, why, channel, rung FROM alert_notice WHERE alert_id = ? ORDER BY id";
        let read = |r: &Row<'_>| {
            Ok(Notice { told_at: instant(r.get(0)?), why: r.get(1)?, channel: r.get(2)?, rung: r.get(3)? })
        };
        rows(self.sql, ask, [alert.0], read)
    }

    /// Letters of an alert to a rung that are still in the outbox; every rung's with `None`. Newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alert_letters_waiting(
        &self,
        alert: AlertId,
        rung: Option<&str>,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT DISTINCT d.id FROM alert_notice n JOIN delivery d ON d.id = n.delivery_id \
                   WHERE n.alert_id = ?1 AND d.state IN ('pending', 'claimed') AND (?2 IS NULL OR n.rung = ?2) \
                   AND n.channel = 'email' ORDER BY d.id DESC";
        rows(self.sql, ask, (alert.0, rung), |r| Ok(DeliveryId(r.get(0)?)))
    }

    /// Calls that are due, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn calls_due(&self, now: Timestamp) -> Result<Vec<Call>, StoreError> {
        let ask = "SELECT id, url, body, attempt, expires_at FROM webhook_call \
                   WHERE state = 'pending' AND next_at <= ? ORDER BY next_at LIMIT 100";
        let read = |r: &Row<'_>| {
            let expires_at = instant(r.get(4)?);
            Ok(Call { id: r.get(0)?, url: r.get(1)?, body: r.get(2)?, attempt: r.get(3)?, expires_at })
        };
        rows(self.sql, ask, [millis(now)], read)
    }

    /// When the newest test alert was sent, and when somebody last proved to be there: a test or a real alert that a
    /// person acknowledged. What a wrong clock dated after `now` counts as not there.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn cover(&self, now: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreError> {
        let ask = "SELECT (SELECT max(sent_at) FROM test_alert WHERE sent_at <= ?1), max( \
                   coalesce((SELECT max(acknowledged_at) FROM test_alert WHERE acknowledged_at <= ?1), 0), \
                   coalesce((SELECT max(acknowledged_at) FROM alert WHERE audience = 'ladder' AND acknowledged_at <= ?1), 0))";
        let latest = now.saturating_add(trust::BACK).unwrap_or(Timestamp::MAX);
        let (sent, seen): (Option<i64>, i64) =
            self.sql.prepare_cached(ask)?.query_row([millis(latest)], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok((sent.map(instant), (seen > 0).then(|| instant(seen))))
    }

    /// Whether the newest letter to a member of staff that came to an end was refused.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_refused(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        let ask = "SELECT d.state FROM delivery d JOIN sealed s ON s.delivery_id = d.id \
                   WHERE d.audience = 'staff' AND d.state IN ('sent', 'failed') AND s.recipient = ? ORDER BY d.id DESC LIMIT 1";
        let newest = rows(self.sql, ask, [email.expose()], |r| r.get::<_, String>(0))?;
        Ok(newest.first().is_some_and(|state| state == "failed"))
    }

    /// Whether a test alert waits for somebody to confirm it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_open_test(&self) -> Result<bool, StoreError> {
        Ok(self.sql.prepare_cached("SELECT 1 FROM test_alert WHERE acknowledged_at IS NULL")?.exists([])?)
    }
}
