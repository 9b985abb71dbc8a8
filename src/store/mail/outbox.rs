//! The outbox and the ledger: letters wait, are claimed under a lease, and end in exactly one state with a reason (P1).
//! Every move is fenced by its attempt number, so that a worker that was given up cannot overwrite what came after.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use super::delivery::{COLUMNS, TABLES, WIDTH, delivery, on_unknown_word};
use crate::care::delivery::{DeliveryEvent, DeliveryState};
use crate::care::patient::PatientId;
use crate::care::plan::protocol::OnUnknown;
use crate::care::refusal::receipt::Receipt;
use crate::store::db::columns::millis;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId, DueLetter, NewDelivery, NextStep, Purpose};
use crate::store::mail::refusals::RETURNED;
use crate::store::people::patients;

/// What happened to a letter, and what the server said of it, if it was asked. An event alone becomes one by `into`.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryOutcome<'a> {
    /// The move it makes; not every state allows it ([`DeliveryState::after`]).
    pub event: DeliveryEvent,
    /// What the server said; `None` when it was not asked.
    pub report: Option<&'a Receipt>,
}

impl From<DeliveryEvent> for DeliveryOutcome<'_> {
    fn from(event: DeliveryEvent) -> Self {
        Self { event, report: None }
    }
}

impl Tx<'_> {
    /// Puts a letter into the outbox.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the patient has a letter of reminders on that day.
    pub fn enqueue(&mut self, new: &NewDelivery) -> Result<DeliveryId, StoreError> {
        let insert = "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, next_at, expires_at, \
                      on_unknown, created_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            if new.patient.is_some() { "patient" } else { "staff" },
            new.purpose.word(),
            new.patient.map(|p| p.0),
            new.local_on.to_string(),
            new.purpose.priority(),
            millis(new.next_at),
            millis(new.expires_at),
            on_unknown_word(new.on_unknown),
            self.at_ms(),
        ))?;
        let id = DeliveryId(self.sql.last_insert_rowid());
        self.seal(id, new.recipient.as_deref(), new.inputs.as_deref())?;
        Ok(id)
    }

    /// Writes down to whom a letter goes and what it says, if either is known.
    fn seal(
        &mut self,
        id: DeliveryId,
        recipient: Option<&str>,
        inputs: Option<&str>,
    ) -> Result<(), StoreError> {
        if recipient.is_none() && inputs.is_none() {
            return Ok(());
        }
        let upsert = "INSERT INTO sealed (delivery_id, recipient, inputs) VALUES (?, ?, ?) ON CONFLICT (delivery_id) \
                      DO UPDATE SET recipient = excluded.recipient, inputs = excluded.inputs";
        self.sql.prepare_cached(upsert)?.execute((id.0, recipient, inputs))?;
        Ok(())
    }

    /// Keeps a pending letter useful at least until `expires_at`, and holds it when unknown if any promise asks so.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn widen(
        &mut self,
        id: DeliveryId,
        expires_at: Timestamp,
        on_unknown: OnUnknown,
    ) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET expires_at = max(expires_at, ?), \
                      on_unknown = CASE WHEN ? = 'hold' THEN 'hold' ELSE on_unknown END WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((millis(expires_at), on_unknown_word(on_unknown), id.0))?;
        Ok(())
    }

    /// Makes a letter count for another civil day of its reader.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when she has a letter of reminders on that day.
    pub fn move_day(&mut self, id: DeliveryId, local_on: Date) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET local_on = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((local_on.to_string(), id.0))?;
        Ok(())
    }

    /// Lets another letter carry the promises of one that will not leave.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hand_over_reminders(&mut self, from: DeliveryId, to: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE reminder SET delivery_id = ? WHERE delivery_id = ? AND state = 'due'";
        self.sql.prepare_cached(update)?.execute((to.0, from.0))?;
        Ok(())
    }

    /// Fixes what a letter says, where it goes and under which Message-ID, and takes it in hand under a lease, before
    /// anything leaves. Returns whether it was still in the outbox as read. No row lock is needed: there is one writer.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn claim(&mut self, sealed: &Delivery, lease_until: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE delivery SET state = 'claimed', next_at = NULL, lease_until = ?, attempt = ?, \
                      first_tried_at = ?, message_id = ?, wording_id = ? \
                      WHERE id = ? AND attempt = ? - 1 AND state = 'pending'";
        let claimed = self.sql.prepare_cached(update)?.execute((
            millis(lease_until),
            sealed.attempt,
            sealed.first_tried_at.map(millis),
            &sealed.message_id,
            sealed.wording.map(|w| w.0),
            sealed.id.0,
            sealed.attempt,
        ))?;
        if claimed == 1 {
            self.seal(sealed.id, sealed.recipient.as_deref(), sealed.inputs.as_deref())?;
        }
        Ok(claimed == 1)
    }

    /// Lets a letter wait in the outbox until `at`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn postpone(&mut self, id: DeliveryId, at: Timestamp) -> Result<bool, StoreError> {
        let update = "UPDATE delivery SET next_at = ? WHERE id = ? AND state = 'pending'";
        Ok(self.sql.prepare_cached(update)?.execute((millis(at), id.0))? == 1)
    }

    /// Notes what the server said about one attempt. Append-only.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_attempt(&mut self, id: DeliveryId, attempt: u32, report: &Receipt) -> Result<(), StoreError> {
        let insert = "INSERT OR IGNORE INTO attempt (delivery_id, number, ended_at, verdict, code, enhanced, reply) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            id.0,
            attempt,
            self.at_ms(),
            report.verdict.word(),
            report.code,
            &report.enhanced,
            &report.reply,
        ))?;
        Ok(())
    }

    /// Moves a letter from where it was read to where its fate says, if nobody moved it since, and keeps what the server
    /// said of it, if anything. Returns whether it moved.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the move is illegal.
    pub fn settle<'a>(
        &mut self,
        letter: &Delivery,
        outcome: impl Into<DeliveryOutcome<'a>>,
        fate: &NextStep,
    ) -> Result<bool, StoreError> {
        let DeliveryOutcome { event, report } = outcome.into();
        let to = letter.state.after(event).ok_or_else(|| StoreError::conflict("that letter is over"))?;
        let (reason, next_at, ended_at) = match fate {
            NextStep::Ended(reason) => (Some(reason.as_str()), None, Some(self.at_ms())),
            NextStep::Again(at) => (None, Some(millis(*at)), None),
        };
        let reason = reason.filter(|r| !r.is_empty());
        // An index is written anew whenever a column of its rule is set, even to what it was.
        let day = match to {
            DeliveryState::Skipped | DeliveryState::Lapsed | DeliveryState::Failed => "frees_day = 1, ",
            _ if event == DeliveryEvent::Retry => "frees_day = 0, ",
            _ => "",
        };
        let doubt =
            if to == DeliveryState::Unknown { ", in_doubt_at = coalesce(in_doubt_at, ?4)" } else { "" };
        let update = format!(
            "UPDATE delivery SET {day}state = ?, reason = coalesce(?, reason), next_at = ?, ended_at = ?, \
             lease_until = NULL, \
             doubts = doubts + (? = 'unknown'), reply_code = coalesce(?, reply_code), \
             reply_text = coalesce(?, reply_text), digest = coalesce(?, digest){doubt} WHERE id = ? AND attempt = ? AND state = ?"
        );
        let moved = self.sql.prepare_cached(&update)?.execute((
            to.word(),
            reason,
            next_at,
            ended_at,
            to.word(),
            report.and_then(|r| r.code),
            report.map(|r| r.reply.as_str()),
            report.and_then(|r| r.digest),
            letter.id.0,
            letter.attempt,
            letter.state.word(),
        ))?;
        Ok(moved == 1)
    }
}

/// A letter whose instant has come, or why it could not be read.
pub type FoundDue = (DeliveryId, Result<DueLetter, StoreError>);

/// Which letters are asked for, in which order, and how many of them.
struct DueQuestion {
    condition: String,
    order: String,
    limit: usize,
}

impl View<'_> {
    /// Other letters of reminders due by then for the same reader that never left our hands and wait in the outbox.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_beside(
        &self,
        patient: PatientId,
        id: DeliveryId,
        at: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut found = self.letters("patient_id = ?1 AND state = 'pending' AND doubts = 0", patient.0)?;
        found.retain(|l| l.id != id && l.purpose == Purpose::Reminders && l.next_at.is_some_and(|n| n <= at));
        Ok(found)
    }

    /// Letters of these purposes whose instant has come, most urgent purpose first, then those that wait longest. Each is
    /// read by itself, so that a bad row stops no other.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_due(
        &self,
        purposes: &[Purpose],
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<FoundDue>, StoreError> {
        // One question for all: the index gives them in this order, and stops at the limit.
        let priorities: Vec<_> = purposes.iter().map(|p| p.priority().to_string()).collect();
        let condition = format!("d.priority IN ({})", priorities.join(", "));
        let order = "d.priority, d.next_at".to_owned();
        self.due_where(&DueQuestion { condition, order, limit }, now)
    }

    /// The letter to a patient whose instant has come and that was tried least often, before all others the one that came back
    /// because of us ([`RETURNED`]); empty when none has.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_least_tried(&self, now: Timestamp) -> Result<Vec<FoundDue>, StoreError> {
        let returned =
            format!("d.id IS NOT (SELECT CAST(value AS INTEGER) FROM fact WHERE name = '{RETURNED}')");
        let order = format!("{returned}, d.attempt, d.next_at, d.id");
        let condition = "d.audience = 'patient' AND d.purpose <> 'canary'".to_owned();
        self.due_where(&DueQuestion { condition, order, limit: 1 }, now)
    }

    /// So many pending letters whose instant has come, but for those whose rows take no change.
    fn due_where(&self, asked: &DueQuestion, now: Timestamp) -> Result<Vec<FoundDue>, StoreError> {
        let DueQuestion { condition, order, limit } = asked;
        let stuck = self.stuck("delivery");
        let but = if stuck.is_empty() { String::new() } else { format!(" AND d.id NOT IN ({stuck})") };
        let ask = format!(
            "SELECT {COLUMNS}, NOT EXISTS (SELECT 1 FROM delivery b WHERE b.patient_id = d.patient_id \
             AND b.state = 'pending' AND b.id <> d.id), {} FROM {TABLES} LEFT JOIN patient p ON p.id = d.patient_id \
             WHERE d.state = 'pending' AND {condition} AND d.next_at <= ?{but} ORDER BY {order} LIMIT ?",
            patients::COLUMNS,
        );
        let limit = i64::try_from(*limit).unwrap_or(i64::MAX);
        self.all(&ask, (millis(now), limit), |r| Ok((DeliveryId(r.get(0)?), self.noted(due_letter(r)))))
    }

    /// The letter in that row, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn delivery(&self, id: DeliveryId) -> Result<Delivery, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM {TABLES} WHERE d.id = ?");
        let found = self.one(&ask, [id.0], delivery)?;
        found.ok_or_else(|| StoreError::not_found(&format!("letter `{}`", id.0)))
    }

    /// A patient's letters that are still in the outbox or in doubt.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_waiting(&self, patient: PatientId) -> Result<Vec<Delivery>, StoreError> {
        self.letters(
            "patient_id = ?1 AND (state = 'pending' OR state = 'claimed' OR state = 'unknown')",
            patient.0,
        )
    }

    /// How many letters are in hand whose lease ends before that instant.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn leases_before(&self, end: Timestamp) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM delivery WHERE state = 'claimed' AND lease_until < ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([millis(end)], |r| r.get(0))?)
    }

    /// Claimed letters whose lease ended at or before `now`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn leases_over(&self, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        self.letters("state = 'claimed' AND lease_until <= ?1 LIMIT 1000", millis(now))
    }

    pub(in crate::store) fn letters(&self, condition: &str, value: i64) -> Result<Vec<Delivery>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM {TABLES} WHERE {condition}");
        self.readable(&ask, [value], delivery)
    }
}

fn due_letter(row: &Row<'_>) -> Result<DueLetter, StoreError> {
    let letter = delivery(row)?;
    let patient = letter.patient.map(|_| patients::patient(row, WIDTH + 1)).transpose()?;
    Ok(DueLetter { letter, patient, is_alone: row.get(WIDTH)? })
}
