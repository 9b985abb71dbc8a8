//! Signed calls to other systems that wait. One an alert and address waits at most; each receiver has a lane of its own.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::alert::call::{CallEvent, CallState};
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// A call about to wait.
#[derive(Debug, Clone)]
pub struct NewCall<'a> {
    /// The alert it tells of; `None` for a test alert.
    pub alert: Option<AlertId>,
    /// Whose lane it takes: scheme, host and port.
    pub receiver: &'a str,
    /// The address it is posted to; one call of an alert waits for it at most.
    pub url: &'a str,
    /// What is posted, as JSON: alert, case code, tier and link.
    pub body: &'a str,
    /// When its use is over: from then on it is given up instead of made.
    pub expires_at: Timestamp,
}

/// A signed call that waits.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its row, under which each try is recorded.
    pub id: i64,
    /// Whose lane it takes.
    pub receiver: String,
    /// The address it is posted to.
    pub url: String,
    /// What it says: case code, tier, link, alert; or which rung a test alert asks.
    pub body: String,
    /// How often it was tried.
    pub attempt: u32,
    /// When its use is over: from then on it is given up instead of made.
    pub expires_at: Timestamp,
}

/// What became of one try of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// The other side took it.
    Taken,
    /// It is made again at that instant.
    Again(Timestamp),
    /// It is made no more.
    GivenUp,
}

impl CallEnd {
    const fn event(self) -> CallEvent {
        match self {
            Self::Taken => CallEvent::Accept,
            Self::Again(_) => CallEvent::Defer,
            Self::GivenUp => CallEvent::GiveUp,
        }
    }
}

impl Tx<'_> {
    /// Puts a call into its outbox, due at once. One of the same alert to the same address that waits is superseded.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn enqueue_call(&mut self, new: &NewCall<'_>) -> Result<i64, StoreError> {
        let older = "UPDATE webhook_call SET state = ?, next_at = NULL, ended_at = ?, reply = 'a newer call took its place' \
                     WHERE alert_id = ? AND url = ? AND state = 'pending'";
        let alert = new.alert.map(|alert| alert.0);
        let superseded = after(CallEvent::Supersede)?;
        self.sql.prepare_cached(older)?.execute((superseded.word(), self.at_ms(), alert, new.url))?;
        let insert = "INSERT INTO webhook_call (alert_id, receiver, url, body, state, next_at, expires_at, created_at) \
                      VALUES (?1, ?2, ?3, ?4, ?7, ?5, ?6, ?5)";
        let (expires, state) = (millis(new.expires_at), CallState::Pending.word());
        let row = (alert, new.receiver, new.url, new.body, self.at_ms(), expires, state);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(self.sql.last_insert_rowid())
    }

    /// Records one try of a call: taken, to be tried again at an instant, or given up. What was
    /// superseded or withdrawn meanwhile stays so.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn settle_call(&mut self, id: i64, end: CallEnd, reply: &str) -> Result<(), StoreError> {
        let next = match end {
            CallEnd::Again(at) => Some(millis(at)),
            CallEnd::Taken | CallEnd::GivenUp => None,
        };
        let state = after(end.event())?.word();
        let ended = next.is_none().then(|| self.at_ms());
        let update = "UPDATE webhook_call SET state = ?, next_at = ?, ended_at = ?, reply = ?, attempt = attempt + 1 \
                      WHERE id = ? AND state = 'pending'";
        if self.sql.prepare_cached(update)?.execute((state, next, ended, reply, id))? == 0 {
            return Ok(());
        }
        self.audit(AuditAction::WebhookTried, Subject::Webhook(id), &serde_json::json!({ "state": state }))
    }

    /// Withdraws the calls of an alert that still wait: a person has taken it on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn withdraw_calls(&mut self, alert: AlertId) -> Result<(), StoreError> {
        let update = "UPDATE webhook_call SET state = ?, next_at = NULL, ended_at = ?, reply = 'a person took the alert on' \
                      WHERE state = 'pending' AND alert_id = ?";
        let withdrawn = after(CallEvent::Withdraw)?;
        self.sql.prepare_cached(update)?.execute((withdrawn.word(), self.at_ms(), alert.0))?;
        Ok(())
    }
}

/// How a call stands that waited until then: only such a one is moved.
fn after(event: CallEvent) -> Result<CallState, StoreError> {
    CallState::Pending.after(event).ok_or_else(|| StoreError::conflict("that call has ended"))
}

impl View<'_> {
    /// Of each receiver the call that has been due for longest and can be read, oldest first. One that cannot silences nobody.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn calls_due(&self, now: Timestamp) -> Result<Vec<Call>, StoreError> {
        let ask = "SELECT min(id), receiver FROM webhook_call WHERE state = 'pending' AND next_at <= ? \
                   GROUP BY receiver ORDER BY min(next_at), 1";
        let receivers: Vec<String> =
            self.readable(ask, [millis(now)], |r| of_row("webhook_call", r, 0, || Ok(r.get(1)?)))?;
        let first = receivers.iter().map(|receiver| self.call_due(receiver, now));
        first.filter_map(Result::transpose).collect()
    }

    /// The call to that receiver that has been due for longest, of those that can be read and are not stuck.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn call_due(&self, receiver: &str, now: Timestamp) -> Result<Option<Call>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM webhook_call WHERE receiver = ? AND state = 'pending' AND next_at <= ? AND id NOT IN ({}) \
             ORDER BY next_at, id",
            self.stuck("webhook_call")
        );
        let mut statement = self.sql.prepare_cached(&ask)?;
        let mut rows = statement.query((receiver, millis(now)))?;
        while let Some(row) = rows.next()? {
            match self.noted(call(row)) {
                Err(fault) if fault.is_unreadable() => {}
                found => return found.map(Some),
            }
        }
        Ok(None)
    }
}

/// What [`call`] reads, its number first.
pub(in crate::store) const COLUMNS: &str = "id, receiver, url, body, attempt, expires_at";

pub(in crate::store) fn call(row: &Row<'_>) -> Result<Call, StoreError> {
    of_row("webhook_call", row, 0, || {
        Ok(Call {
            id: row.get(0)?,
            receiver: row.get(1)?,
            url: row.get(2)?,
            body: row.get(3)?,
            attempt: row.get(4)?,
            expires_at: instant(row.get(5)?),
        })
    })
}
