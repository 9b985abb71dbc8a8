//! Kinds of letters that are stopped, and the letters that wait for it.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::guards::stop_kind::StopKind;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A stop, in force or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterStop {
    /// Which letters it concerns.
    pub kind: StopKind,
    /// Since when they wait.
    pub stopped_at: Timestamp,
    /// Who stopped them: an actor.
    pub stopped_by: String,
    /// Why, in that person's words; may be empty.
    pub reason: String,
    /// When and by whom they were started again; `None` while it is in force.
    pub started: Option<(Timestamp, String)>,
}

const COLUMNS: &str = "kind, stopped_at, stopped_by, reason, started_at, started_by, id";

/// Whether no item of the sealed letter `d.id` is of a kind that is stopped; the canary walks whatever is stopped. Most days
/// nothing is, and then nothing else is read. What it says in words is [`StopKind::covers`].
pub(in crate::store) const NOT_STOPPED: &str = "(NOT EXISTS (SELECT 1 FROM letter_stop WHERE started_at IS NULL) \
     OR d.purpose = 'canary' OR NOT EXISTS (SELECT 1 FROM sealed s, json_each(s.inputs, '$.items') i, letter_stop k \
     WHERE s.delivery_id = d.id AND k.started_at IS NULL AND i.value ->> 'template' <> 'go-now' \
     AND (k.kind = i.value ->> 'template' OR k.kind = CASE i.value ->> 'kind' WHEN 'visit' THEN 'visits' \
     WHEN 'test' THEN 'visits' WHEN 'checklist' THEN 'checklists' WHEN 'leaflet' THEN 'leaflets' END)))";

/// Whether the letter `d` waits until its kind is started again.
pub(in crate::store) const HELD_BACK: &str =
    "(d.state = 'pending' AND EXISTS (SELECT 1 FROM held_back h WHERE h.delivery_id = d.id))";

impl Tx<'_> {
    /// Stops a kind of letters. Returns whether it went on until now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn stop_letters(&mut self, kind: &StopKind, reason: &str) -> Result<bool, StoreError> {
        let insert = "INSERT INTO letter_stop (kind, stopped_at, stopped_by, reason) VALUES (?, ?, ?, ?) \
                      ON CONFLICT (kind) WHERE started_at IS NULL DO NOTHING";
        let row = (kind.word(), self.at_ms(), self.actor().word(), reason);
        Ok(self.sql.prepare_cached(insert)?.execute(row)? == 1)
    }

    /// Starts a kind of letters again. Returns whether it was stopped.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn start_letters(&mut self, kind: &StopKind) -> Result<bool, StoreError> {
        let update =
            "UPDATE letter_stop SET started_at = ?, started_by = ? WHERE kind = ? AND started_at IS NULL";
        let row = (self.at_ms(), self.actor().word(), kind.word());
        Ok(self.sql.prepare_cached(update)?.execute(row)? == 1)
    }

    /// Notes that a letter waits for a kind to be started again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hold_back(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        self.sql.prepare_cached("INSERT OR IGNORE INTO held_back VALUES (?)")?.execute([id.0])?;
        Ok(())
    }

    /// Looks at every letter again that was held back: whichever is still stopped is held back anew.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn look_at_held_back(&mut self) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1 \
                      AND id IN (SELECT delivery_id FROM held_back)";
        self.sql.prepare_cached(update)?.execute([self.at_ms()])?;
        self.sql.prepare_cached("DELETE FROM held_back")?.execute([])?;
        Ok(())
    }

    /// A promise joins a letter that may be held back: it is looked at again from that instant on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn look_again_from(&mut self, id: DeliveryId, at: Timestamp) -> Result<(), StoreError> {
        if self.sql.prepare_cached("DELETE FROM held_back WHERE delivery_id = ?")?.execute([id.0])? == 1 {
            let update = "UPDATE delivery SET next_at = min(next_at, ?) WHERE id = ? AND state = 'pending'";
            self.sql.prepare_cached(update)?.execute((millis(at), id.0))?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// The stops in force, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_stops(&self) -> Result<Vec<LetterStop>, StoreError> {
        self.stops("started_at IS NULL ORDER BY id")
    }

    /// The stops that are over, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_stops_over(&self) -> Result<Vec<LetterStop>, StoreError> {
        self.stops("started_at IS NOT NULL ORDER BY id DESC LIMIT 20")
    }

    /// Whether a sealed letter says something that is stopped.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_stopped(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let ask = format!("SELECT NOT {NOT_STOPPED} FROM delivery d WHERE d.id = ?");
        Ok(rows(self.sql, &ask, [id.0], |r| r.get(0))?.pop().unwrap_or(false))
    }

    /// Whether a letter waits until its kind is started again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_held_back(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let ask = format!("SELECT {HELD_BACK} FROM delivery d WHERE d.id = ?");
        Ok(rows(self.sql, &ask, [id.0], |r| r.get(0))?.pop().unwrap_or(false))
    }

    /// How many letters in the outbox say something of that kind.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_of_kind(&self, kind: &StopKind) -> Result<u32, StoreError> {
        let group = |column: &str| {
            format!(
                "CASE {column} WHEN 'visit' THEN 'visits' WHEN 'test' THEN 'visits' WHEN 'checklist' THEN 'checklists' WHEN 'leaflet' THEN 'leaflets' END"
            )
        };
        let ask = format!(
            "SELECT count(*) FROM delivery d WHERE (d.state = 'pending' OR d.state = 'claimed') AND d.audience = 'patient' \
             AND d.purpose <> 'canary' AND (EXISTS (SELECT 1 FROM reminder r JOIN follow_up f ON f.id = r.follow_up_id \
             WHERE r.delivery_id = d.id AND r.state = 'due' AND (r.step = ?1 OR r.step <> 'closing' AND {} = ?1)) \
             OR NOT EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id) AND EXISTS \
             (SELECT 1 FROM sealed s, json_each(s.inputs, '$.items') i WHERE s.delivery_id = d.id \
             AND (i.value ->> 'template' = ?1 OR {} = ?1)))",
            group("f.kind"),
            group("i.value ->> 'kind'")
        );
        Ok(self.sql.prepare_cached(&ask)?.query_row([kind.word()], |r| r.get(0))?)
    }

    fn stops(&self, condition: &str) -> Result<Vec<LetterStop>, StoreError> {
        self.readable(&format!("SELECT {COLUMNS} FROM letter_stop WHERE {condition}"), [], stop)
    }
}

fn stop(row: &Row<'_>) -> Result<LetterStop, StoreError> {
    of_row("letter_stop", row, 6, || {
        let started = row.get::<_, Option<i64>>(4)?.map(instant);
        Ok(LetterStop {
            kind: StopKind::stored(row.get(0)?),
            stopped_at: instant(row.get(1)?),
            stopped_by: row.get(2)?,
            reason: shown(row, 3)?,
            started: started.map(|at| Ok::<_, StoreError>((at, row.get(5)?))).transpose()?,
        })
    })
}
