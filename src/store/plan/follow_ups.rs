//! Follow-ups: the plan as far as it is written down.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row};

use super::protocols::ProtocolVersionId;
use crate::care::patient::PatientId;
use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::care::plan::follow_up::{FollowUpEvent, FollowUpState};
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::Owed;
use crate::store::db::columns::{date, instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnrolmentId(pub i64);

impl From<EnrolmentId> for Subject {
    fn from(id: EnrolmentId) -> Self {
        Self::Enrolment(id.0)
    }
}

/// Row identity of a follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FollowUpId(pub i64);

impl From<FollowUpId> for Subject {
    fn from(id: FollowUpId) -> Self {
        Self::FollowUp(id.0)
    }
}

/// A patient on a protocol.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Its row; another anchor date or protocol is another enrolment.
    pub id: EnrolmentId,
    /// The patient who is on the protocol.
    pub patient: PatientId,
    /// The published version whose rules its plan follows.
    pub version: ProtocolVersionId,
    /// Name of the protocol, whatever its version.
    pub protocol: String,
    /// The day from which its plan is counted, as a rule the end of treatment.
    pub anchor_on: Date,
    /// Whether it is in force; a closed one stays on record.
    pub is_active: bool,
}

/// A follow-up that is written down.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// Its row; it keeps it when another enrolment takes it over.
    pub id: FollowUpId,
    /// The enrolment it counts for now; a change of plan may carry it over to the next.
    pub enrolment: EnrolmentId,
    /// The patient to whom it is owed: that of its enrolment.
    pub patient: PatientId,
    /// Its series in the protocol.
    pub series: String,
    /// Whether it is a visit, a test, a checklist or a leaflet.
    pub kind: FollowUpKind,
    /// Its place on the grid.
    pub owed: Owed,
    /// Whether it is still owed (`Planned`, `Booked`), and how it ended if not.
    pub state: FollowUpState,
    /// Steps before this instant were never promised.
    pub promised_from: Timestamp,
    /// When something happens to it next; `None` when nothing will by itself.
    pub next_at: Option<Timestamp>,
    /// Why it was closed, in words for staff; `None` while it is owed.
    pub closed_reason: Option<String>,
}

impl FollowUp {
    /// Whether it is still owed: planned or booked.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Whether staff added it beside the plan.
    #[must_use]
    pub fn is_extra(&self) -> bool {
        self.series == EXTRA_VISIT
    }
}

/// A follow-up to be written down, planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFollowUp {
    /// The enrolment under whose plan it is owed.
    pub enrolment: EnrolmentId,
    /// The patient to whom it is owed: that of the enrolment.
    pub patient: PatientId,
    /// Its series in the protocol.
    pub series: String,
    /// Whether it is a visit, a test, a checklist or a leaflet.
    pub kind: FollowUpKind,
    /// Its place among the dates of the series.
    pub owed: Owed,
    /// Steps before this instant were never promised.
    pub promised_from: Timestamp,
    /// When something happens to it first; `None` when nothing will by itself.
    pub next_at: Option<Timestamp>,
}

/// How a follow-up ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowUpEnd<'a> {
    /// What happened to it.
    pub event: FollowUpEvent,
    /// Why, in words for staff.
    pub reason: &'a str,
}

/// What [`follow_up`] reads, in its order.
pub(in crate::store) const COLUMNS: &str = "f.id, f.enrolment_id, f.patient_id, f.series, f.kind, f.number, f.due_on, f.opens_on, \
                                  f.closes_on, f.state, f.promised_from, f.next_at, f.closed_reason";
/// How many [`COLUMNS`] there are.
pub(in crate::store) const WIDTH: usize = 13;

impl Tx<'_> {
    /// Writes the next follow-up of a series down.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when that number exists.
    pub fn insert_follow_up(&mut self, new: NewFollowUp) -> Result<FollowUp, StoreError> {
        let insert = "INSERT INTO follow_up (id, enrolment_id, patient_id, series, number, kind, due_on, opens_on, \
                      closes_on, state, promised_from, next_at) VALUES ((SELECT 1 + max(highest, \
                      (SELECT coalesce(max(id), 0) FROM follow_up)) FROM id_floor WHERE name = 'follow_up'), \
                      ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            new.enrolment.0,
            new.patient.0,
            &new.series,
            new.owed.number,
            new.kind.word(),
            new.owed.due_on.to_string(),
            new.owed.opens_on.to_string(),
            new.owed.closes_on.to_string(),
            FollowUpState::Planned.word(),
            millis(new.promised_from),
            new.next_at.map(millis),
        ))?;
        let NewFollowUp { enrolment, patient, series, kind, owed, promised_from, next_at } = new;
        let id = FollowUpId(self.sql.last_insert_rowid());
        let state = FollowUpState::Planned;
        let closed_reason = None;
        Ok(FollowUp {
            id,
            enrolment,
            patient,
            series,
            kind,
            owed,
            state,
            promised_from,
            next_at,
            closed_reason,
        })
    }

    /// Sets when something happens to it next; `None` when nothing will by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_next(&mut self, id: FollowUpId, next_at: Option<Timestamp>) -> Result<(), StoreError> {
        let update = "UPDATE follow_up SET next_at = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((next_at.map(millis), id.0))?;
        Ok(())
    }

    /// Moves an open follow-up on, still owed; earlier steps are no promise from here on.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the move is illegal.
    pub fn reopen_follow_up(&mut self, open: &FollowUp, event: FollowUpEvent) -> Result<(), StoreError> {
        let state = moved(open, event)?;
        let update = "UPDATE follow_up SET state = ?, promised_from = ?, closed_on = NULL, closed_reason = NULL WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((state.word(), self.at_ms(), open.id.0))?;
        self.strike_booking(open, state)
    }

    /// Closes a follow-up as done, missed or cancelled, with the reason.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the move is illegal.
    pub fn close_follow_up(
        &mut self,
        follow_up: &FollowUp,
        end: FollowUpEnd<'_>,
        on: Date,
    ) -> Result<(), StoreError> {
        let state = moved(follow_up, end.event)?;
        let update =
            "UPDATE follow_up SET state = ?, next_at = NULL, closed_on = ?, closed_reason = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((
            state.word(),
            on.to_string(),
            end.reason,
            follow_up.id.0,
        ))?;
        self.strike_booking(follow_up, state)
    }

    /// Lets an open follow-up count for another enrolment, at its place there, both as given. Its letters, links, tasks
    /// and appointment stay with it; steps of the new plan that came before now are no promise.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when that place is taken or it is owed no more.
    pub fn hand_over_follow_up(&mut self, new: &FollowUp) -> Result<(), StoreError> {
        let update = "UPDATE follow_up SET enrolment_id = ?, number = ?, due_on = ?, opens_on = ?, closes_on = ?, state = ?, \
                      promised_from = ?, next_at = ?, closed_on = NULL, closed_reason = NULL WHERE id = ?";
        let (owed, state) = (new.owed, moved(new, FollowUpEvent::CarryOver)?);
        self.sql.prepare_cached(update)?.execute((
            new.enrolment.0,
            owed.number,
            owed.due_on.to_string(),
            owed.opens_on.to_string(),
            owed.closes_on.to_string(),
            state.word(),
            self.at_ms(),
            new.next_at.map(millis),
            new.id.0,
        ))?;
        Ok(())
    }
}

impl View<'_> {
    /// Follow-ups whose instant has come, of the `limit` that wait longest and of everyone they belong to: what one
    /// patient is owed falls due together and travels together. Each is read by itself, so that a bad row stops no other.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_ups_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(PatientId, FollowUpId)>, StoreError> {
        let stuck = self.stuck("follow_up");
        let but = if stuck.is_empty() { String::new() } else { format!(" AND id NOT IN ({stuck})") };
        let ask = format!(
            "SELECT patient_id, id FROM follow_up INDEXED BY follow_up_patient WHERE patient_id IN \
             (SELECT patient_id FROM follow_up WHERE next_at <= ?1{but} ORDER BY next_at, id LIMIT ?2) \
             AND next_at <= ?1{but} ORDER BY patient_id, next_at, id"
        );
        let due =
            |r: &Row<'_>| of_row("follow_up", r, 1, || Ok((PatientId(r.get(0)?), FollowUpId(r.get(1)?))));
        self.readable(&ask, (millis(now), limit), due)
    }

    /// A patient's follow-ups in order of due date.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_ups_of(&self, patient: PatientId) -> Result<Vec<FollowUp>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM follow_up f WHERE patient_id = ? ORDER BY due_on, id");
        collect(self, &ask, [patient.0])
    }

    /// The follow-up in that row, whatever its state.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn follow_up(&self, id: FollowUpId) -> Result<FollowUp, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM follow_up f WHERE id = ?");
        self.one(&ask, [id.0], |r| follow_up(r, 0))?.ok_or_else(|| StoreError::not_found("follow-up"))
    }

    /// The state in which the `number`th follow-up of a series stands, if it was ever written down.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn follow_up_state(
        &self,
        enrolment: EnrolmentId,
        series: &str,
        number: u32,
    ) -> Result<Option<FollowUpState>, StoreError> {
        let ask = "SELECT state FROM follow_up WHERE enrolment_id = ? AND series = ? AND number = ?";
        let row = (enrolment.0, series, number);
        let state: Option<String> = self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0)).optional()?;
        state
            .map(|word| FollowUpState::parse(&word).ok_or_else(|| StoreError::corrupt("an unknown state")))
            .transpose()
    }

    /// A patient's follow-ups that are done, and the day each was closed.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn done_on(&self, patient: PatientId) -> Result<Vec<(FollowUpId, Date)>, StoreError> {
        let ask = "SELECT id, closed_on FROM follow_up WHERE patient_id = ? AND state = 'done' ORDER BY id";
        self.all(ask, [patient.0], |r| {
            of_row("follow_up", r, 0, || Ok((FollowUpId(r.get(0)?), date(&r.get::<_, String>(1)?)?)))
        })
    }
}

/// Where a follow-up stands after `event`.
fn moved(follow_up: &FollowUp, event: FollowUpEvent) -> Result<FollowUpState, StoreError> {
    follow_up.state.after(event).ok_or_else(|| StoreError::conflict("that follow-up is over"))
}

fn collect(
    view: &View<'_>,
    ask: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<FollowUp>, StoreError> {
    view.readable(ask, parameters, |r| follow_up(r, 0))
}

pub(in crate::store) fn follow_up(row: &Row<'_>, from: usize) -> Result<FollowUp, StoreError> {
    of_row("follow_up", row, from, || {
        let day = |i: usize| -> Result<Date, StoreError> { date(&row.get::<_, String>(from + i)?) };
        let (kind, state): (String, String) = (row.get(from + 4)?, row.get(from + 9)?);
        Ok(FollowUp {
            id: FollowUpId(row.get(from)?),
            enrolment: EnrolmentId(row.get(from + 1)?),
            patient: PatientId(row.get(from + 2)?),
            series: row.get(from + 3)?,
            kind: FollowUpKind::parse(&kind).ok_or_else(|| StoreError::corrupt("follow-up kind"))?,
            owed: Owed { number: row.get(from + 5)?, due_on: day(6)?, opens_on: day(7)?, closes_on: day(8)? },
            state: FollowUpState::parse(&state).ok_or_else(|| StoreError::corrupt("an unknown state"))?,
            promised_from: instant(row.get(from + 10)?),
            next_at: row.get::<_, Option<i64>>(from + 11)?.map(instant),
            closed_reason: row.get(from + 12)?,
        })
    })
}
