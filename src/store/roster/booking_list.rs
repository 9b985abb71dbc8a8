//! The dates that a person books for those who came in mid-course with an import: one list behind one task. A line is struck off
//! where the follow-up itself moves on, whoever moves it.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row};

use super::imports::ImportId;
use crate::care::patient::{PatientId, PreferredName};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::roster::booking_list::BookingOutcome;
use crate::care::task::TaskKind;
use crate::store::db::columns::{date, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::{FollowUp, FollowUpId};
use crate::store::row_page::{RowPage, RowPageReader};
use crate::store::subject::Subject;
use crate::store::work::task_reason::meanwhile;

/// A line about to be written, at its place by urgency.
#[derive(Debug, Clone)]
pub struct NewBooking {
    /// What is to be booked.
    pub follow_up: FollowUpId,
    /// The patient for whom it is booked.
    pub patient: PatientId,
    /// By which working day.
    pub book_by: Date,
    /// When that day is over at the clinic.
    pub due_at: Timestamp,
}

/// A line of the list: somebody who has no date yet.
#[derive(Debug, Clone)]
pub struct BookingLine {
    /// Its place by urgency.
    pub position: i64,
    /// What is to be booked.
    pub follow_up: FollowUpId,
    /// For whom: her row.
    pub patient: PatientId,
    /// For whom: the case code.
    pub reference: String,
    /// What she is called.
    pub name: PreferredName,
    /// The series of her protocol.
    pub series: String,
    /// Its place in the series.
    pub number: u32,
    /// When it is due.
    pub due_on: Date,
    /// The date her plan counts from.
    pub anchor_on: Date,
    /// By which working day it is to be booked.
    pub book_by: Date,
    /// What whoever rings must know first: why letters to her wait; empty where they do not.
    pub caution: String,
}

/// The open lines of an import after a place, in their order.
const PAGE: &str = "FROM import_booking b JOIN follow_up f ON f.id = b.follow_up_id JOIN enrolment e ON e.id = f.enrolment_id \
                    JOIN patient p ON p.id = b.patient_id \
                    WHERE b.import_id = ?1 AND b.outcome IS NULL AND b.position > ?2 ORDER BY b.position LIMIT ?3";

/// Struck off with a follow-up: its own line, and those of the same series whose time has run out meanwhile.
const STRIKE: &str = "UPDATE import_booking SET outcome = ?1, ended_at = ?2, ended_by = ?3 WHERE outcome IS NULL AND patient_id = ?4 \
     AND (follow_up_id = ?5 OR ?1 IN ('booked', 'done') AND follow_up_id IN \
     (SELECT id FROM follow_up WHERE patient_id = ?4 AND series = ?6 AND state = 'missed')) RETURNING import_id";

/// Strikes off whatever is open for a patient.
const STRIKE_ALL: &str = "UPDATE import_booking SET outcome = 'left', ended_at = ?1, ended_by = ?2 \
     WHERE outcome IS NULL AND patient_id = ?3 RETURNING import_id";

/// Strikes off what was cancelled with an enrolment.
const STRIKE_ENROLMENT: &str = "UPDATE import_booking SET outcome = 'cancelled', ended_at = ?1, ended_by = ?2 \
     WHERE outcome IS NULL AND follow_up_id IN (SELECT id FROM follow_up WHERE enrolment_id = ?3 AND state = 'cancelled') \
     RETURNING import_id";

impl ImportId {
    /// The cause of the task behind the list.
    #[must_use]
    pub fn cause(self) -> String {
        Subject::from(self).to_string()
    }

    /// The import behind a task of that cause.
    #[must_use]
    pub fn of_cause(cause: &str) -> Option<Self> {
        cause.strip_prefix("import/")?.parse().ok().map(Self)
    }
}

impl Tx<'_> {
    /// Writes the list down, in its order.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_bookings(&mut self, import: ImportId, lines: &[NewBooking]) -> Result<(), StoreError> {
        let insert = "INSERT INTO import_booking (follow_up_id, import_id, patient_id, position, book_by, due_at) VALUES (?, ?, ?, ?, ?, ?)";
        let mut insert = self.sql.prepare_cached(insert)?;
        for (line, position) in lines.iter().zip(1_i64..) {
            let (by, due_at) = (line.book_by.to_string(), millis(line.due_at));
            insert.execute((line.follow_up.0, import.0, line.patient.0, position, by, due_at))?;
        }
        Ok(())
    }

    /// A follow-up moved on: what the list asked for has happened, or is owed no more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn strike_booking(
        &mut self,
        follow_up: &FollowUp,
        to: FollowUpState,
    ) -> Result<(), StoreError> {
        let outcome = match to {
            FollowUpState::Booked => BookingOutcome::Booked,
            FollowUpState::Done => BookingOutcome::Done,
            FollowUpState::Cancelled => BookingOutcome::Cancelled,
            // Her window closed and nobody booked: she must be rung all the more.
            FollowUpState::Planned | FollowUpState::Missed => return Ok(()),
        };
        let row = (
            outcome.word(),
            self.at_ms(),
            self.actor().word(),
            follow_up.patient.0,
            follow_up.id.0,
            &follow_up.series,
        );
        let struck: Vec<i64> = rows(self.sql, STRIKE, row, |r| r.get(0))?;
        self.after_strike(&struck)
    }

    /// She has died or is followed elsewhere: nobody books a date with her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn strike_bookings_of(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let row = (self.at_ms(), self.actor().word(), patient.0);
        let struck: Vec<i64> = rows(self.sql, STRIKE_ALL, row, |r| r.get(0))?;
        self.after_strike(&struck)
    }

    /// An enrolment ended: what was asked for under it is owed no more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn strike_bookings_under(&mut self, enrolment: i64) -> Result<(), StoreError> {
        let row = (self.at_ms(), self.actor().word(), enrolment);
        let struck: Vec<i64> = rows(self.sql, STRIKE_ENROLMENT, row, |r| r.get(0))?;
        self.after_strike(&struck)
    }

    /// A person decided that no date is to be booked, and why.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when that line is not on the list, or no more.
    pub fn settle_booking(
        &mut self,
        import: ImportId,
        follow_up: FollowUpId,
        note: &str,
    ) -> Result<(), StoreError> {
        let update = "UPDATE import_booking SET outcome = 'settled', note = ?, ended_at = ?, ended_by = ? \
                      WHERE outcome IS NULL AND import_id = ? AND follow_up_id = ?";
        let row = (note, self.at_ms(), self.actor().word(), import.0, follow_up.0);
        if self.sql.prepare_cached(update)?.execute(row)? == 0 {
            return Err(StoreError::not_found("that line of the list"));
        }
        self.after_strike(&[import.0])
    }

    /// The task ends with its list; until then it is due when the first line is.
    fn after_strike(&mut self, imports: &[i64]) -> Result<(), StoreError> {
        let ask = "SELECT due_at FROM import_booking WHERE import_id = ? AND outcome IS NULL ORDER BY position LIMIT 1";
        for import in imports.iter().copied().map(ImportId) {
            let first: Option<i64> =
                self.sql.prepare_cached(ask)?.query_row([import.0], |r| r.get(0)).optional()?;
            let (kind, cause) = (TaskKind::ImportBookings, import.cause());
            match first {
                None => self.close_tasks_caused(kind, &cause, "every date is booked or decided")?,
                Some(due_at) => {
                    let update = "UPDATE task SET due_at = ? WHERE kind = ? AND cause = ? AND state = 'open'";
                    self.sql.prepare_cached(update)?.execute((due_at, kind.word(), cause))?;
                }
            }
        }
        Ok(())
    }
}

impl View<'_> {
    /// Whether a list asks for a date for that follow-up, or a person has decided about it there: no task of its own opens.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_on_booking_list(&self, follow_up: FollowUpId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM import_booking WHERE follow_up_id = ? AND (outcome IS NULL OR outcome = 'settled')";
        Ok(self.sql.prepare_cached(ask)?.exists([follow_up.0])?)
    }

    /// A page of the lines that are open, the most pressing first, after that place; 0 begins at the first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn booking_page(
        &self,
        import: ImportId,
        after: i64,
        limit: u32,
    ) -> Result<RowPage<BookingLine>, StoreError> {
        let ask = format!(
            "SELECT p.id, b.follow_up_id, b.position, p.reference, p.preferred_name, f.series, f.number, f.due_on, e.anchor_on, \
             b.book_by, p.suspected_death, CASE WHEN p.status = 'paused' THEN p.status_reason END {PAGE}"
        );
        let page = RowPageReader::new(limit);
        let found = self.readable(&ask, (import.0, after, page.asked()), |row| page.row(line(row)))?;
        Ok(page.page(found))
    }

    /// How many lines of an import are open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn bookings_open(&self, import: ImportId) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM import_booking WHERE import_id = ? AND outcome IS NULL";
        Ok(self.sql.prepare_cached(ask)?.query_row([import.0], |r| r.get(0))?)
    }
}

fn line(row: &Row<'_>) -> Result<BookingLine, StoreError> {
    of_row("patient", row, 0, || {
        let day = |i: usize| -> Result<Date, StoreError> { date(&row.get::<_, String>(i)?) };
        let name: String = row.get(4)?;
        Ok(BookingLine {
            patient: PatientId(row.get(0)?),
            follow_up: FollowUpId(row.get(1)?),
            position: row.get(2)?,
            reference: shown(row, 3)?,
            name: PreferredName::parse(&name).map_err(|_| StoreError::corrupt("preferred name"))?,
            series: row.get(5)?,
            number: row.get(6)?,
            due_on: day(7)?,
            anchor_on: day(8)?,
            book_by: day(9)?,
            // She is rung to book a date, as for the task of one.
            caution: meanwhile(TaskKind::NotBooked, row, 10)?.trim_start().to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn a_page_of_the_list_reads_no_line_that_is_not_on_it() {
        let (_dir, store) = fresh();
        let steps = plan(&store, &format!("SELECT b.position {PAGE}"), &["1", "0", "50"]);
        assert!(steps[0].starts_with("SEARCH b USING INDEX import_booking_open"), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN") || step.contains("B-TREE")), "{steps:?}");
        let struck = plan(&store, STRIKE, &["booked", "0", "x", "1", "1", "visit"]);
        assert!(struck[0].contains("import_booking_patient"), "{struck:?}");
    }
}
