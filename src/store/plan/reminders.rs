//! Promises that have come due, and what became of them.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use super::follow_ups::{self, FollowUp, FollowUpId};
use super::protocols::ProtocolVersionId;
use crate::care::patient::PatientId;
use crate::care::plan::due_steps::{AskedStep, Key};
use crate::care::plan::protocol::Trigger;
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::store::db::columns::{date, instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A promise as it is written down.
#[derive(Debug, Clone)]
pub struct Reminder {
    /// Its row; whether two promises are the same is told by `follow_up` and `key`.
    pub id: i64,
    /// The follow-up it promises something of.
    pub follow_up: FollowUpId,
    /// Its natural key within the follow-up.
    pub key: Key,
    /// The day it was laid on.
    pub send_on: Date,
    /// The instant it was laid on.
    pub send_at: Timestamp,
    /// When it loses its use.
    pub expires_at: Timestamp,
    /// What became of it so far; never `Planned`, which is not stored.
    pub state: ReminderState,
    /// Why, where that needs a reason.
    pub reason: Option<String>,
    /// The letter that carries it; `None` if it needed none: it was over at once, or is a task.
    pub delivery: Option<DeliveryId>,
}

/// What the letters of a follow-up offered her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// No letter that may have reached her asked for it.
    Nothing,
    /// They said that nobody could read a form.
    WithoutForm,
    /// At least one offered the form.
    Form,
}

/// A day on which a patient has a letter. `L` names the letter: by its id on record, not at all in a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterDay<L> {
    /// The letter; a day with two of them has an entry for each.
    pub letter: L,
    /// The civil day of hers for which the letter counts.
    pub on: Date,
    /// Whether it is news she or staff caused, and no letter of reminders.
    pub is_news: bool,
    /// Whether it still waits and can take another promise in; not if it was ever in doubt, since a
    /// second copy must be the same letter.
    pub has_room: bool,
}

/// A promise with what it promises.
#[derive(Debug, Clone)]
pub struct Promised {
    /// The promise as it stands on record, in whatever state.
    pub reminder: Reminder,
    /// The visit, test, checklist or leaflet that is promised.
    pub follow_up: FollowUp,
    /// The protocol it stands in.
    pub version: ProtocolVersionId,
    /// Whether a date was ever booked for it.
    pub has_appointment: bool,
}

/// When a promise was laid and when it loses its use.
#[derive(Debug, Clone, Copy)]
pub struct ReminderTimes {
    /// The day it was laid on.
    pub send_on: Date,
    /// The instant it was laid on.
    pub send_at: Timestamp,
    /// When it loses its use.
    pub expires_at: Timestamp,
}

/// How a promise is written down when it falls due.
#[derive(Debug, Clone)]
pub enum ReminderEntry {
    /// Carried by this letter.
    Due(DeliveryId),
    /// Over before it began: the state and its reason.
    Over(ReminderState, String),
    /// Kept by opening a task.
    Task,
}

/// A promise about to be written down.
#[derive(Debug, Clone)]
pub struct NewReminder<'a> {
    /// What makes it the same promise.
    pub key: &'a Key,
    /// When it is to leave, and when it loses its use.
    pub times: ReminderTimes,
    /// Whether a letter carries it, it is over at once, or a task stands for it.
    pub entry: ReminderEntry,
}

impl Tx<'_> {
    /// Writes a promise down. A promise with the same key stays as it is (its first fate counts).
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_reminder(&mut self, follow_up: &FollowUp, new: NewReminder<'_>) -> Result<(), StoreError> {
        let NewReminder { key, times, entry } = new;
        let (state, reason, delivery) = match entry {
            ReminderEntry::Due(delivery) => (ReminderState::Due, None, Some(delivery.0)),
            ReminderEntry::Over(state, reason) => (state, Some(reason), None),
            ReminderEntry::Task => (ReminderState::Sent, Some("task opened".to_owned()), None),
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
            times.send_on.to_string(),
            millis(times.send_at),
            millis(times.expires_at),
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
        event: ReminderEvent,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let update =
            "UPDATE reminder SET state = ?, reason = coalesce(?, reason) WHERE delivery_id = ? AND state = ?";
        for from in ReminderState::ALL {
            if let Some(to) = from.after(event)
                && from != ReminderState::Planned
            {
                self.sql.prepare_cached(update)?.execute((to.word(), reason, delivery.0, from.word()))?;
            }
        }
        Ok(())
    }

    /// Moves one promise. Due again, it has no reason; else `None` keeps the reason it had.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the move is illegal, or it is no longer in the state it was read in.
    pub fn move_reminder(
        &mut self,
        reminder: &Reminder,
        event: ReminderEvent,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let to = reminder.state.after(event).ok_or_else(|| StoreError::conflict("that reminder is over"))?;
        // What is owed again has not failed.
        let update = "UPDATE reminder SET state = ?1, reason = CASE WHEN ?1 = 'due' THEN NULL ELSE coalesce(?2, reason) END \
                      WHERE id = ?3 AND state = ?4";
        let row = (to.word(), reason, reminder.id, reminder.state.word());
        match self.sql.prepare_cached(update)?.execute(row)? {
            1 => Ok(()),
            _ => Err(StoreError::conflict("that reminder has moved meanwhile")),
        }
    }

    /// Lets another letter of hers carry a promise that is due.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn carry_in(&mut self, reminder: i64, letter: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE reminder SET delivery_id = ? WHERE id = ? AND state = 'due'";
        self.sql.prepare_cached(update)?.execute((letter.0, reminder))?;
        Ok(())
    }
}

pub(in crate::store) const COLUMNS: &str = "r.id, r.follow_up_id, r.trigger, r.step, r.basis_on, r.send_on, r.send_at, r.expires_at, r.state, \
                       r.reason, r.delivery_id";
/// How many [`COLUMNS`] there are.
const WIDTH: usize = 11;

impl View<'_> {
    /// Whether letters that may have reached her offered the form of a follow-up; one is left out that is written just now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn offer(&self, follow_up: FollowUpId, besides: Option<DeliveryId>) -> Result<Offer, StoreError> {
        let ask = "SELECT coalesce(iif(json_valid(s.inputs), json_extract(s.inputs, '$.no_cover'), 0), 0) FROM reminder r \
                   JOIN delivery d ON d.id = r.delivery_id LEFT JOIN sealed s ON s.delivery_id = d.id \
                   WHERE r.follow_up_id = ?1 AND (d.state IN ('sent', 'unknown') OR d.state = 'skipped' AND r.state = 'sent') AND r.state <> 'cancelled' AND d.id IS NOT ?2";
        let without = self.all(ask, (follow_up.0, besides.map(|id| id.0)), |r| Ok(r.get::<_, bool>(0)?))?;
        Ok(match (without.is_empty(), without.iter().all(|without| *without)) {
            (true, _) => Offer::Nothing,
            (_, true) => Offer::WithoutForm,
            _ => Offer::Form,
        })
    }

    /// Keys of the promises already written down for a follow-up.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminder_keys(&self, follow_up: FollowUpId) -> Result<Vec<Key>, StoreError> {
        let ask = "SELECT trigger, step, basis_on, id FROM reminder WHERE follow_up_id = ?";
        self.all(ask, [follow_up.0], |r| of_row("reminder", r, 3, || key(r, 0)))
    }

    /// The promises a letter carries, in the order in which they were laid.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminders_of_delivery(&self, delivery: DeliveryId) -> Result<Vec<Reminder>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM reminder r WHERE delivery_id = ? ORDER BY send_at, id");
        self.reminders(&ask, delivery.0)
    }

    /// The promises a letter carries with what they promise, in the order in which they were laid.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn promised_by(&self, delivery: DeliveryId) -> Result<Vec<Promised>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS}, {}, e.protocol_version_id, EXISTS (SELECT 1 FROM appointment a WHERE a.follow_up_id = f.id) \
             FROM reminder r JOIN follow_up f ON f.id = r.follow_up_id JOIN enrolment e ON e.id = f.enrolment_id WHERE r.delivery_id = ? ORDER BY r.send_at, r.id",
            follow_ups::COLUMNS
        );
        self.all(&ask, [delivery.0], promised)
    }

    /// The letters that ask for a follow-up as it is due now, and that left or wait to; each once.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn asked_steps(&self, follow_up: &FollowUp, now: Timestamp) -> Result<Vec<AskedStep>, StoreError> {
        let ask = "SELECT r.step, CASE WHEN d.state IN ('sent', 'unknown') THEN d.ended_at WHEN d.state = 'skipped' THEN r.send_at \
                   ELSE max(coalesce(d.next_at, 0), ?3) END FROM reminder r JOIN delivery d ON d.id = r.delivery_id \
                   WHERE r.follow_up_id = ?1 AND r.trigger = 'remind' AND r.basis_on = ?2 AND r.state IN ('due', 'sent', 'answered')";
        let values = (follow_up.id.0, follow_up.owed.due_on.to_string(), millis(now));
        self.all(ask, values, |r| Ok(AskedStep { step: r.get(0)?, at: instant(r.get(1)?) }))
    }

    /// Whether an earlier letter was to ask for the same form: a nudge, whose loss a later one or the end of the follow-up makes good.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_nudge(&self, reminder: &Reminder) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM reminder r JOIN follow_up f ON f.id = r.follow_up_id \
                   WHERE r.follow_up_id = ? AND r.trigger = 'remind' AND r.id < ? AND r.step NOT LIKE 'staff-task%' AND f.kind = 'checklist')";
        let row = (reminder.follow_up.0, reminder.id);
        Ok(reminder.key.0 == Trigger::Remind && self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0))?)
    }

    /// The promises of a follow-up, in the order in which they were laid.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reminders_of_follow_up(&self, follow_up: FollowUpId) -> Result<Vec<Reminder>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM reminder r WHERE follow_up_id = ? ORDER BY send_at, id");
        self.reminders(&ask, follow_up.0)
    }

    fn reminders(&self, ask: &str, id: i64) -> Result<Vec<Reminder>, StoreError> {
        self.all(ask, [id], reminder)
    }

    /// Her letters on the days between `first` and `last`, both included, that are sent or under way: one that
    /// was ever in doubt may have arrived, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_days(
        &self,
        patient: PatientId,
        first: Date,
        last: Date,
    ) -> Result<Vec<LetterDay<DeliveryId>>, StoreError> {
        let ask = "SELECT id, local_on, purpose <> 'reminders', \
                   purpose = 'reminders' AND state = 'pending' AND doubts = 0 FROM delivery WHERE patient_id = ? \
                   AND local_on BETWEEN ? AND ? \
                   AND ((state <> 'skipped' AND state <> 'lapsed' AND state <> 'failed') OR doubts > 0)";
        let day = |r: &Row<'_>| {
            let (letter, on) = (DeliveryId(r.get(0)?), date(&r.get::<_, String>(1)?)?);
            Ok(LetterDay { letter, on, is_news: r.get(2)?, has_room: r.get(3)? })
        };
        let named = |r: &Row<'_>| of_row("delivery", r, 0, || day(r));
        self.all(ask, (patient.0, first.to_string(), last.to_string()), named)
    }
}

fn key(row: &Row<'_>, from: usize) -> Result<Key, StoreError> {
    let trigger: String = row.get(from)?;
    let trigger = Trigger::parse(&trigger).ok_or_else(|| StoreError::corrupt("trigger"))?;
    Ok((trigger, row.get(from + 1)?, date(&row.get::<_, String>(from + 2)?)?))
}

pub(in crate::store) fn reminder(row: &Row<'_>) -> Result<Reminder, StoreError> {
    of_row("reminder", row, 0, || {
        let state: String = row.get(8)?;
        Ok(Reminder {
            id: row.get(0)?,
            follow_up: FollowUpId(row.get(1)?),
            key: key(row, 2)?,
            send_on: date(&row.get::<_, String>(5)?)?,
            send_at: instant(row.get(6)?),
            expires_at: instant(row.get(7)?),
            state: ReminderState::parse(&state).ok_or_else(|| StoreError::corrupt("reminder state"))?,
            reason: row.get(9)?,
            delivery: row.get::<_, Option<i64>>(10)?.map(DeliveryId),
        })
    })
}

fn promised(row: &Row<'_>) -> Result<Promised, StoreError> {
    let follow_up = follow_ups::follow_up(row, WIDTH)?;
    let version = ProtocolVersionId(row.get(WIDTH + follow_ups::WIDTH)?);
    let has_appointment = row.get(WIDTH + follow_ups::WIDTH + 1)?;
    Ok(Promised { reminder: reminder(row)?, follow_up, version, has_appointment })
}
