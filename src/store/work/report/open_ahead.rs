//! What stands open and is due before a day: follow-ups with their place in the plan, dates booked, tasks.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::PatientStatus;
use crate::care::plan::follow_up::FollowUpState;
use crate::store::db::columns::{date, millis};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::patient_status;
use crate::store::plan::protocols::ProtocolVersionId;

/// Open follow-ups of several patients that stand at the same place of the same plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPlace {
    /// The version of the protocol.
    pub version: ProtocolVersionId,
    /// The day from which the plan counts.
    pub anchor_on: Date,
    /// The series that it belongs to.
    pub series: String,
    /// Which of the series.
    pub number: u32,
    /// The day it is due.
    pub due_on: Date,
    /// Whether it is planned or booked.
    pub state: FollowUpState,
    /// Whether what comes after it in the series is not on record yet.
    pub is_last: bool,
    /// How many patients stand there.
    pub count: u32,
}

/// From when to when something is counted; on one protocol, or on all.
#[derive(Debug, Clone, Copy)]
pub struct WeekFilter<'a> {
    /// The first instant, or from the beginning where what is overdue counts too.
    pub from: Timestamp,
    /// Until this instant (exclusive).
    pub until: Timestamp,
    /// The first day that counts.
    pub first_on: Date,
    /// The day after the last.
    pub end_on: Date,
    /// Only patients on this protocol.
    pub protocol: Option<&'a str>,
}

impl View<'_> {
    /// Follow-ups that are open and due before a day. Whoever has left has none: her plan stands still.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn open_places(&self, before: Date, protocol: Option<&str>) -> Result<Vec<OpenPlace>, StoreError> {
        let ask = "SELECT e.protocol_version_id, e.anchor_on, f.series, f.number, f.due_on, f.state, \
                   NOT EXISTS (SELECT 1 FROM follow_up g WHERE g.enrolment_id = f.enrolment_id AND g.series = f.series \
                   AND g.number > f.number) AS is_last, count(*) \
                   FROM follow_up f INDEXED BY follow_up_next JOIN enrolment e ON e.id = f.enrolment_id \
                   WHERE f.next_at IS NOT NULL AND f.due_on < ?1 AND (?2 IS NULL OR e.protocol = ?2) GROUP BY 1, 2, 3, 4, 5, 6, 7";
        self.all(ask, (before.to_string(), protocol), |r| {
            let day = |at| -> Result<Date, StoreError> { date(&r.get::<_, String>(at)?) };
            let state: String = r.get(5)?;
            Ok(OpenPlace {
                version: ProtocolVersionId(r.get(0)?),
                anchor_on: day(1)?,
                series: r.get(2)?,
                number: r.get(3)?,
                due_on: day(4)?,
                state: FollowUpState::parse(&state).ok_or_else(|| StoreError::corrupt("follow-up state"))?,
                is_last: r.get(6)?,
                count: r.get(7)?,
            })
        })
    }

    /// Dates at the clinic of those who are still cared for here.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn booked_in(&self, week: &WeekFilter<'_>) -> Result<u32, StoreError> {
        let ask = format!(
            "SELECT count(*) FROM appointment a INDEXED BY appointment_booked_on JOIN patient p ON p.id = a.patient_id \
                   JOIN follow_up f ON f.id = a.follow_up_id JOIN enrolment e ON e.id = f.enrolment_id \
                   WHERE a.state = 'booked' AND a.on_date >= ?1 AND a.on_date < ?2 \
                   AND p.status IN ({}) AND (?3 IS NULL OR e.protocol = ?3)",
            patient_status::words(PatientStatus::is_in_care)
        );
        let values = (week.first_on.to_string(), week.end_on.to_string(), week.protocol);
        Ok(self.sql.prepare_cached(&ask)?.query_row(values, |r| r.get(0))?)
    }

    /// Open tasks that are due in a week.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tasks_in(&self, week: &WeekFilter<'_>) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM task t WHERE t.state = 'open' AND t.due_at >= ?1 AND t.due_at < ?2 \
                   AND (?3 IS NULL OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = t.patient_id AND e.protocol = ?3))";
        let values = (millis(week.from), millis(week.until), week.protocol);
        Ok(self.sql.prepare_cached(ask)?.query_row(values, |r| r.get(0))?)
    }
}
