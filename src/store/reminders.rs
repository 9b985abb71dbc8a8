//! Promises that have come due, and what became of them.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use super::follow_ups::{FollowUp, FollowUpId};
use super::outbox::DeliveryId;
use super::{StoreError, Tx, View, date, instant, millis, rows};
use crate::care::agenda::Key;
use crate::care::protocol::Trigger;
use crate::care::reminder::{Event, State};

/// A promise as it is written down.
#[derive(Debug, Clone)]
pub struct Reminder {
    /// Row identity.
    pub id: i64,
    /// Its follow-up.
    pub follow_up: FollowUpId,
    /// Its natural key within the follow-up.
    pub key: Key,
    /// The day it was laid on.
    pub send_on: Date,
    /// The instant it was laid on.
    pub send_at: Timestamp,
    /// When it loses its use.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Why, where that needs a reason.
    pub reason: Option<String>,
    /// The letter that carries it.
    pub delivery: Option<DeliveryId>,
}

/// When a promise was laid and when it loses its use.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    /// The day it was laid on.
    pub send_on: Date,
    /// The instant it was laid on.
    pub send_at: Timestamp,
    /// When it loses its use.
    pub expires_at: Timestamp,
}

/// How a promise is written down when it falls due.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Carried by this letter.
    Due(DeliveryId),
    /// Over before it began: the state and its reason.
    Over(State, String),
    /// Kept by opening a task.
    Task,
}

impl Tx<'_> {
    /// Writes a promise down. A promise with the same key stays as it is (its first fate counts).
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_reminder(
        &mut self,
        follow_up: &FollowUp,
        key: &Key,
        promise: (Slot, Entry),
    ) -> Result<(), StoreError> {
        let (slot, entry) = promise;
        let (state, reason, delivery) = match entry {
            Entry::Due(delivery) => (State::Due, None, Some(delivery.0)),
            Entry::Over(state, reason) => (state, Some(reason), None),
            Entry::Task => (State::Sent, Some("task opened".to_owned()), None),
        };
        let insert = "INSERT INTO reminder (follow_up_id, patient_id, trigger, step, basis_on, send_on, send_at, \
                      expires_at, state, reason, delivery_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                      ON CONFLICT (follow_up_id, trigger, step, basis_on) DO NOTHING";
        self.sql.prepare_cached(insert)?.execute((
            follow_up.id.0,
            follow_up.patient.0,
            key.0.word(),
            &key.1,
            key.2.to_string(),
            slot.send_on.to_string(),
            millis(slot.send_at),
            millis(slot.expires_at),
            state.word(),
            reason,
            delivery,
        ))?;
        Ok(())
    }

    /// Moves every promise of a letter that may make the move; the others stay.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn move_reminders(
        &mut self,
        delivery: DeliveryId,
        event: Event,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let update =
            "UPDATE reminder SET state = ?, reason = coalesce(?, reason) WHERE delivery_id = ? AND state = ?";
        for from in State::ALL {
            if let Some(to) = from.after(event)
                && from != State::Planned
            {
                self.sql.prepare_cached(update)?.execute((to.word(), reason, delivery.0, from.word()))?;
            }
        }
        Ok(())
    }

    /// Moves one promise.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the move is illegal.
    pub fn move_reminder(
        &mut self,
        reminder: &Reminder,
        event: Event,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let to = reminder.state.after(event).ok_or_else(|| StoreError::conflict("that reminder is over"))?;
        let update = "UPDATE reminder SET state = ?, reason = coalesce(?, reason) WHERE id = ? AND state = ?";
        self.sql.prepare_cached(update)?.execute((to.word(), reason, reminder.id, reminder.state.word()))?;
        Ok(())
    }
}

const COLUMNS: &str =
    "id, follow_up_id, trigger, step, basis_on, send_on, send_at, expires_at, state, reason, delivery_id";

impl View<'_> {
    /// Keys of the promises already written down for a follow-up.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminder_keys(&self, follow_up: FollowUpId) -> Result<Vec<Key>, StoreError> {
        let ask = "SELECT trigger, step, basis_on FROM reminder WHERE follow_up_id = ?";
        let mut statement = self.sql.prepare_cached(ask)?;
        statement.query_map([follow_up.0], |r| Ok(key(r, 0)))?.map(|row| row?).collect()
    }

    /// The promises a letter carries, in the order in which they were laid.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminders_of_delivery(&self, delivery: DeliveryId) -> Result<Vec<Reminder>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM reminder WHERE delivery_id = ? ORDER BY send_at, id");
        self.reminders(&ask, delivery.0)
    }

    /// The promises of a follow-up, in the order in which they were laid.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminders_of_follow_up(&self, follow_up: FollowUpId) -> Result<Vec<Reminder>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM reminder WHERE follow_up_id = ? ORDER BY send_at, id");
        self.reminders(&ask, follow_up.0)
    }

    fn reminders(&self, ask: &str, id: i64) -> Result<Vec<Reminder>, StoreError> {
        let mut statement = self.sql.prepare_cached(ask)?;
        statement.query_map([id], |r| Ok(reminder(r)))?.map(|row| row?).collect()
    }

    /// The days between `first` and `last`, both included, that have a letter of reminders sent or under way.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_days(
        &self,
        patient: crate::care::patient::PatientId,
        first: Date,
        last: Date,
    ) -> Result<Vec<Date>, StoreError> {
        let ask = "SELECT local_on FROM delivery WHERE patient_id = ? AND local_on BETWEEN ? AND ? \
                   AND purpose = 'reminders' AND (state IN ('pending', 'claimed', 'sent', 'unknown') OR doubts > 0)";
        let days =
            rows(self.sql, ask, (patient.0, first.to_string(), last.to_string()), |r| r.get::<_, String>(0))?;
        days.iter().map(|d| date(d)).collect()
    }
}

fn key(row: &Row<'_>, from: usize) -> Result<Key, StoreError> {
    let trigger: String = row.get(from)?;
    let trigger = Trigger::parse(&trigger).ok_or_else(|| StoreError::corrupt("trigger"))?;
    Ok((trigger, row.get(from + 1)?, date(&row.get::<_, String>(from + 2)?)?))
}

fn reminder(row: &Row<'_>) -> Result<Reminder, StoreError> {
    let state: String = row.get(8)?;
    Ok(Reminder {
        id: row.get(0)?,
        follow_up: FollowUpId(row.get(1)?),
        key: key(row, 2)?,
        send_on: date(&row.get::<_, String>(5)?)?,
        send_at: instant(row.get(6)?),
        expires_at: instant(row.get(7)?),
        state: State::parse(&state).ok_or_else(|| StoreError::corrupt("reminder state"))?,
        reason: row.get(9)?,
        delivery: row.get::<_, Option<i64>>(10)?.map(DeliveryId),
    })
}
