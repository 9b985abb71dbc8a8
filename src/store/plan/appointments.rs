//! Appointments: concrete dates at the clinic. The UID survives a move; the sequence counts the moves.

use jiff::civil::{Date, Time};
use rusqlite::Row;

use super::follow_ups::{FollowUp, FollowUpId};
use crate::care::plan::appointment::AppointmentState;
use crate::store::db::columns::date;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// A concrete date at the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Its row; a move keeps it.
    pub id: i64,
    /// Civil date in `zone`.
    pub on: Date,
    /// Civil time in `zone`.
    pub at: Time,
    /// The clinic's IANA zone.
    pub zone: String,
    /// Where; may be empty.
    pub place: String,
    /// What it is for, in staff's words and for staff alone: no letter says it. Empty for what a plan asks for.
    pub note: String,
    /// UID of its calendar entry (RFC 5545); a move keeps it.
    pub uid: String,
    /// SEQUENCE of its calendar entry: counts each move, call-off and new date under this UID.
    pub sequence: u32,
    /// What became of it.
    pub state: AppointmentState,
}

/// A date to be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAppointment {
    /// Civil date in `zone`.
    pub on: Date,
    /// Civil time in `zone`.
    pub at: Time,
    /// The clinic's IANA zone.
    pub zone: String,
    /// Where; may be empty.
    pub place: String,
    /// What it is for, in staff's words and for staff alone: no letter says it. Empty for what a plan asks for.
    pub note: String,
    /// UID for its calendar entry (RFC 5545); no other appointment may have it.
    pub uid: String,
}

impl Tx<'_> {
    /// Books a date for a follow-up.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when one is booked already.
    pub fn insert_appointment(
        &mut self,
        follow_up: &FollowUp,
        new: NewAppointment,
    ) -> Result<Booked, StoreError> {
        let insert = "INSERT INTO appointment (follow_up_id, patient_id, on_date, at_time, zone, place, uid, sequence, state, note) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'booked', ?)";
        self.sql.prepare_cached(insert)?.execute((
            follow_up.id.0,
            follow_up.patient.0,
            new.on.to_string(),
            new.at.to_string(),
            &new.zone,
            &new.place,
            &new.uid,
            0,
            &new.note,
        ))?;
        let NewAppointment { on, at, zone, place, note, uid } = new;
        let id = self.sql.last_insert_rowid();
        Ok(Booked { id, on, at, zone, place, note, uid, sequence: 0, state: AppointmentState::Booked })
    }

    /// Moves or closes an appointment: everything but its UID is written as given.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn update_appointment(&mut self, appointment: &Booked) -> Result<(), StoreError> {
        let update = "UPDATE appointment SET on_date = ?, at_time = ?, place = ?, sequence = ?, state = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((
            appointment.on.to_string(),
            appointment.at.to_string(),
            &appointment.place,
            appointment.sequence,
            appointment.state.word(),
            appointment.id,
        ))?;
        Ok(())
    }
}

impl View<'_> {
    /// The newest appointment of a follow-up, live or not.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn appointment_of(&self, follow_up: FollowUpId) -> Result<Option<Booked>, StoreError> {
        let ask = "SELECT id, on_date, at_time, zone, place, uid, sequence, state, note FROM appointment \
                   WHERE follow_up_id = ? ORDER BY (state = 'booked') DESC, id DESC LIMIT 1";
        self.one(ask, [follow_up.0], booked)
    }

    /// The date that still stands as booked for the follow-up that a task is about.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn booked_behind(&self, task: i64) -> Result<Option<Booked>, StoreError> {
        let ask = "SELECT a.id, a.on_date, a.at_time, a.zone, a.place, a.uid, a.sequence, a.state, a.note FROM task t \
                   JOIN follow_up f ON f.id = t.follow_up_id AND f.state = 'booked' \
                   JOIN appointment a ON a.follow_up_id = f.id AND a.state = 'booked' WHERE t.id = ?";
        self.one(ask, [task], booked)
    }
}

pub(in crate::store) fn booked(row: &Row<'_>) -> Result<Booked, StoreError> {
    of_row("appointment", row, 0, || {
        let (time, state): (String, String) = (row.get(2)?, row.get(7)?);
        Ok(Booked {
            id: row.get(0)?,
            on: date(&row.get::<_, String>(1)?)?,
            at: time.parse().map_err(|_| StoreError::corrupt("appointment time"))?,
            zone: row.get(3)?,
            place: row.get(4)?,
            note: row.get(8)?,
            uid: row.get(5)?,
            sequence: row.get(6)?,
            state: AppointmentState::parse(&state)
                .ok_or_else(|| StoreError::corrupt("appointment state or zone"))?,
        })
    })
}
