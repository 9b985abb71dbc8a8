//! Who is overdue: a visit or test was due, its time is not over, and nothing is booked; or its booked date has passed and
//! nobody noted what became of it. Also of those whom no letter reaches or who want none: they are cared for here all the same.

use jiff::civil::Date;

use crate::care::patient::PatientStatus;
use crate::store::db::columns::date;
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::people::patient_status;
use crate::store::row_page::{RowPage, RowPageReader};

/// A visit or test that is overdue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueVisit {
    /// Its row, which ends a page together with its due date.
    pub id: i64,
    /// The patient's case code.
    pub reference: String,
    /// What she is called.
    pub name: String,
    /// Where the patient stands with us.
    pub status: PatientStatus,
    /// The series that the visit belongs to.
    pub series: String,
    /// The protocol that asks for it.
    pub protocol: String,
    /// The day it was due.
    pub due_on: Date,
    /// The last day on which a visit counts for it.
    pub closes_on: Date,
    /// The booked date that passed without a note of what became of it.
    pub passed_on: Option<Date>,
}

impl OverdueVisit {
    /// Since when it is overdue: since it was due, or since a date before that which was not kept.
    #[must_use]
    pub fn since(&self) -> Date {
        self.passed_on.map_or(self.due_on, |passed| passed.min(self.due_on))
    }
}

/// Which of them are shown.
#[derive(Debug, Clone, Copy)]
pub struct OverdueFilter<'a> {
    /// What was due, or booked, before this day.
    pub today: Date,
    /// Only what this protocol asks for.
    pub protocol: Option<&'a str>,
    /// After this one: its due date and row.
    pub after: Option<(Date, i64)>,
    /// So many at most.
    pub limit: u32,
}

const OVERDUE: &str = "FROM follow_up f INDEXED BY follow_up_overdue JOIN patient p ON p.id = f.patient_id \
     JOIN enrolment e ON e.id = f.enrolment_id \
     LEFT JOIN appointment a ON a.follow_up_id = f.id AND a.state = 'booked' AND f.state = 'booked' \
     WHERE f.state IN ('planned', 'booked') AND f.kind IN ('visit', 'test') \
     AND (f.state = 'planned' AND f.due_on < ?1 OR a.on_date < ?1) AND p.status IN (KEEPS_PLAN) \
     AND (?2 IS NULL OR e.protocol = ?2)";

fn overdue() -> String {
    patient_status::with_lists(OVERDUE)
}

/// A page of the list, after the one before it.
const PAGE: &str = "AND f.due_on >= ?3 AND (f.due_on, f.id) > (?3, ?4) ORDER BY f.due_on, f.id LIMIT ?5";

impl View<'_> {
    /// Overdue visits and tests of patients who are followed, longest overdue first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn overdue_visits(&self, filter: &OverdueFilter<'_>) -> Result<RowPage<OverdueVisit>, StoreError> {
        let page = RowPageReader::new(filter.limit);
        let ask = format!(
            "SELECT f.id, p.reference, p.preferred_name, p.status, f.series, e.protocol, f.due_on, f.closes_on, a.on_date {} {PAGE}",
            overdue()
        );
        // Before every date, as text.
        let (on, id) = filter.after.map_or((String::new(), 0), |(on, id)| (on.to_string(), id));
        let values = (filter.today.to_string(), filter.protocol, on, id, page.asked());
        let visit = |r: &rusqlite::Row<'_>| {
            of_row("follow_up", r, 0, || {
                let day = |at| -> Result<Date, StoreError> { date(&r.get::<_, String>(at)?) };
                let status: String = r.get(3)?;
                Ok(OverdueVisit {
                    id: r.get(0)?,
                    reference: r.get(1)?,
                    name: r.get(2)?,
                    status: PatientStatus::parse(&status)
                        .map_err(|_| StoreError::corrupt("patient status"))?,
                    series: r.get(4)?,
                    protocol: r.get(5)?,
                    due_on: day(6)?,
                    closes_on: day(7)?,
                    // A date that cannot be read is told as damaged where it is shown; she stands on the list all the same.
                    passed_on: r.get::<_, Option<String>>(8)?.and_then(|on| date(&on).ok()),
                })
            })
        };
        Ok(page.page(self.readable(&ask, values, |row| page.row(visit(row)))?))
    }

    /// How many are overdue in all.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn overdue_size(&self, today: Date, protocol: Option<&str>) -> Result<u32, StoreError> {
        let ask = format!("SELECT count(*) {}", overdue());
        Ok(self.sql.prepare_cached(&ask)?.query_row((today.to_string(), protocol), |r| r.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn a_page_begins_where_the_one_before_ended_and_sorts_nothing() {
        let (_dir, store) = fresh();
        let ask = format!("SELECT f.id {} {PAGE}", overdue());
        let steps = plan(&store, &ask, &["2026-03-03", "nccn", "2026-01-01", "7", "51"]);
        assert!(
            steps.iter().any(|s| s.contains("INDEX follow_up_overdue ((due_on,id)>(?,?))")
                || s.contains("INDEX follow_up_overdue (due_on>?)")),
            "{steps:?}"
        );
        assert!(!steps.iter().any(|s| s.starts_with("SCAN") || s.contains("TEMP B-TREE")), "{steps:?}");
    }
}
