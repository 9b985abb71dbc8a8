//! Test alerts: whom each asked, through what, and which rungs have proved by their code that it reached them.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::alert::cover::RungProof;
use crate::care::alert::rung::Identity;
use crate::care::time::clock_trust;
use crate::care::time::span::later;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::subject::Subject;

/// A rung as a test alert asked it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedRung {
    /// The test alert, by its row.
    pub test: i64,
    /// Its place on the ladder then, from 0.
    pub place: u32,
    /// When the test was sent.
    pub sent_at: Timestamp,
    /// Who it was then.
    pub who: Identity,
    /// The letter that brought the code.
    pub letter: DeliveryId,
    /// Whether the code has left: the letter, or the call, was taken.
    pub reach: RungReach,
    /// Who gave the code, and when.
    pub confirmed: Option<(String, Timestamp)>,
}

/// Whether what a test alert told a rung has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungReach {
    /// Neither a letter nor a call was taken yet.
    Waiting,
    /// A mail server took the letter, or a receiver the call.
    Told,
}

/// A rung about to be asked.
#[derive(Debug, Clone)]
pub struct NewAskedRung {
    /// The test alert, by its row.
    pub test: i64,
    /// Its place on the ladder, from 0.
    pub place: u32,
    /// The rung and the address that is asked.
    pub who: Identity,
    /// The letter that brings the code.
    pub letter: DeliveryId,
    /// The call that brings it too, by its row.
    pub call: Option<i64>,
}

/// What somebody without a code wrote about a test alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestNote {
    /// When the note was left.
    pub at: Timestamp,
    /// Who left it: an actor's word.
    pub by: String,
    /// The words as they were typed.
    pub note: String,
}

impl Tx<'_> {
    /// Writes a test alert down.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_test_alert(&mut self) -> Result<i64, StoreError> {
        self.sql.prepare_cached("INSERT INTO test_alert (sent_at) VALUES (?)")?.execute([self.at_ms()])?;
        let id = self.sql.last_insert_rowid();
        self.audit(AuditAction::TestAlertSent, Subject::TestAlert(id), &serde_json::json!({}))?;
        Ok(id)
    }

    /// Writes down whom a test alert asks, and through what.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_asked_rung(&mut self, new: &NewAskedRung) -> Result<(), StoreError> {
        let insert = "INSERT INTO test_alert_rung (test_id, place, rung_id, rung, address, delivery_id, webhook_id) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let NewAskedRung { test, place, who, letter, call } = new;
        let row = (test, place, &who.id, &who.name, &who.address, letter.0, call);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(())
    }

    /// The actor gave the code of a rung: it is proved from now on. Whoever gave it first stays on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn confirm_rung(&mut self, asked: &AskedRung) -> Result<(), StoreError> {
        let (now, by) = (self.at_ms(), self.actor().word());
        let update = "UPDATE test_alert_rung SET confirmed_at = ?, confirmed_by = ? \
                      WHERE test_id = ? AND place = ? AND confirmed_at IS NULL";
        let row = (now, &by, asked.test, asked.place);
        if self.sql.prepare_cached(update)?.execute(row)? == 0 {
            return Ok(());
        }
        let first = "UPDATE test_alert SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ? AND acknowledged_at IS NULL";
        self.sql.prepare_cached(first)?.execute((now, &by, asked.test))?;
        let detail = serde_json::json!({ "rung": asked.who.key() });
        self.audit(AuditAction::TestAlertAcknowledged, Subject::TestAlert(asked.test), &detail)
    }

    /// The actor leaves a note on a test alert; it proves nothing.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_test_alert(&mut self, test: i64, note: &str) -> Result<(), StoreError> {
        let insert = "INSERT INTO test_alert_note (test_id, noted_at, noted_by, note) VALUES (?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((test, self.at_ms(), self.actor().word(), note))?;
        self.audit(AuditAction::TestAlertNoted, Subject::TestAlert(test), &serde_json::json!({}))
    }
}

impl View<'_> {
    /// When the newest test alert that asked somebody was sent. What a wrong clock dated after `now` counts as not there.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn last_test_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT max(t.sent_at) FROM test_alert t WHERE t.sent_at <= ? \
                   AND EXISTS (SELECT 1 FROM test_alert_rung r WHERE r.test_id = t.id)";
        let sent: Option<i64> =
            self.sql.prepare_cached(ask)?.query_row([millis(latest(now))], |r| r.get(0))?;
        Ok(sent.map(instant))
    }

    /// Whom the test alerts sent since `since` asked, newest test first, in the order of the ladder.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn asked_rungs(&self, since: Timestamp) -> Result<Vec<AskedRung>, StoreError> {
        let ask = "SELECT r.test_id, r.place, t.sent_at, r.rung_id, r.rung, r.address, r.delivery_id, \
                   coalesce((SELECT d.state = 'sent' FROM delivery d WHERE d.id = r.delivery_id), 0) \
                   OR coalesce((SELECT w.state = 'sent' FROM webhook_call w WHERE w.id = r.webhook_id), 0), \
                   r.confirmed_by, r.confirmed_at FROM test_alert t JOIN test_alert_rung r ON r.test_id = t.id \
                   WHERE t.sent_at >= ? ORDER BY t.id DESC, r.place";
        self.readable(ask, [millis(since)], |r| of_row("test_alert_rung", r, 0, || Ok(asked(r)?)))
    }

    /// The newest proof of each rung that gave its code. What a wrong clock dated after `now` counts as not there.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn rung_proofs(&self, now: Timestamp) -> Result<Vec<RungProof>, StoreError> {
        let ask = "SELECT rung_id, rung, address, max(confirmed_at), test_id FROM test_alert_rung \
                   WHERE confirmed_at IS NOT NULL AND confirmed_at <= ? GROUP BY rung_id, rung, address";
        let read = |r: &Row<'_>| {
            let who = Identity { id: r.get(0)?, name: r.get(1)?, address: r.get(2)? };
            Ok(RungProof { who, at: instant(r.get(3)?) })
        };
        self.readable(ask, [millis(latest(now))], |r| of_row("test_alert_rung", r, 4, || read(r)))
    }

    /// When a rung last gave its code.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn newest_proof_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.rung_proofs(now)?.into_iter().map(|proof| proof.at).max())
    }

    /// What was noted on a test alert without a code, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn test_notes(&self, test: i64) -> Result<Vec<TestNote>, StoreError> {
        let ask =
            "SELECT noted_at, noted_by, note, id FROM test_alert_note WHERE test_id = ? ORDER BY id LIMIT 50";
        let read = |r: &Row<'_>| Ok(TestNote { at: instant(r.get(0)?), by: r.get(1)?, note: r.get(2)? });
        self.readable(ask, [test], |r| of_row("test_alert_note", r, 3, || read(r)))
    }

    /// Whether the newest test alert waits for somebody to give a code.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_open_test(&self) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM test_alert t WHERE t.id = (SELECT max(test_id) FROM test_alert_rung) \
                   AND t.acknowledged_at IS NULL";
        Ok(self.sql.prepare_cached(ask)?.exists([])?)
    }
}

fn latest(now: Timestamp) -> Timestamp {
    later(now, clock_trust::BACK)
}

fn asked(row: &Row<'_>) -> rusqlite::Result<AskedRung> {
    let (by, at): (Option<String>, Option<i64>) = (row.get(8)?, row.get(9)?);
    Ok(AskedRung {
        test: row.get(0)?,
        place: row.get(1)?,
        sent_at: instant(row.get(2)?),
        who: Identity { id: row.get(3)?, name: row.get(4)?, address: row.get(5)? },
        letter: DeliveryId(row.get(6)?),
        reach: if row.get(7)? { RungReach::Told } else { RungReach::Waiting },
        confirmed: by.zip(at.map(instant)),
    })
}
