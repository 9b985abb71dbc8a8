//! Facts about silence: what is known of each checklist that was asked for and not answered. A bounce, a letter that
//! was accepted, a page a person opened and a form left half done are different facts; none of them is health (P7).

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use crate::care::checklist::silence::Reach;
use crate::care::patient::PatientId;
use crate::store::db::columns::{date, instant, rows};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::people::patient_status;

/// The checklists that one patient owes an answer to, taken together.
#[derive(Debug, Clone)]
pub struct Silence {
    /// The patient from whom an answer is awaited.
    pub patient: PatientId,
    /// Her case code; orders silences that weigh the same.
    pub reference: String,
    /// The oldest checklist that has waited for an answer since her last one.
    pub since: Date,
    /// How many have waited since then.
    pub unanswered: u32,
    /// How far the newest of them got.
    pub reach: Reach,
    /// The latest anchor date of the plans that ask; the 36 months after it carry the most risk.
    pub anchor_on: Date,
    /// When she last submitted one.
    pub answered_at: Option<Timestamp>,
}

/// The few who are silent are looked up among all patients, never the other way round: a cross join keeps that order.
/// Only checklists whose first letter was due, and did not say that nobody can read forms now; of people whose plan runs or whose mail does not reach them.
const ASK: &str = "WITH open AS (SELECT f.id, f.patient_id, f.due_on, e.anchor_on, f.state FROM follow_up f INDEXED BY follow_up_unanswered \
     JOIN enrolment e ON e.id = f.enrolment_id WHERE f.kind = 'checklist' AND f.state IN ('planned', 'missed') \
     AND f.due_on <= ?1 AND f.due_on > coalesce((SELECT max(r.answered_on) FROM response r \
     WHERE r.patient_id = f.patient_id AND r.state = 'submitted'), '') \
     AND (NOT EXISTS (SELECT 1 FROM reminder m WHERE m.follow_up_id = f.id AND m.state = 'sent' AND m.delivery_id IS NOT NULL) \
     OR EXISTS (SELECT 1 FROM reminder m LEFT JOIN sealed s ON s.delivery_id = m.delivery_id WHERE m.follow_up_id = f.id \
     AND m.state = 'sent' AND m.delivery_id IS NOT NULL AND NOT coalesce(CASE WHEN json_valid(s.inputs) \
     THEN json_extract(s.inputs, '$.no_cover') END, 0)))), \
     newest AS (SELECT patient_id, min(due_on) AS since, count(*) AS n, max(id) AS id, max(anchor_on) AS anchor_on \
     FROM open GROUP BY patient_id) \
     SELECT n.patient_id, p.reference AS reference, n.since AS since, n.n, n.anchor_on AS anchor_on, \
     (SELECT max(r.answered_at) FROM response r WHERE r.patient_id = n.patient_id AND r.state = 'submitted'), \
     EXISTS (SELECT 1 FROM response r WHERE r.follow_up_id = n.id AND r.state = 'partial' AND r.hurried = 0) AS half_done, \
     EXISTS (SELECT 1 FROM link l WHERE l.patient_id = n.patient_id AND l.purpose = 'checklist' \
     AND coalesce(l.follow_up_id, 0) = n.id AND l.opened_at IS NOT NULL) AS opened, \
     p.status = 'address_bad' OR EXISTS (SELECT 1 FROM reminder m WHERE m.follow_up_id = n.id AND m.state = 'undeliverable') AS bounced, \
     EXISTS (SELECT 1 FROM reminder m WHERE m.follow_up_id = n.id AND m.state = 'sent' AND m.delivery_id IS NOT NULL) AS accepted \
     FROM newest n CROSS JOIN patient p ON p.id = n.patient_id \
     WHERE p.status IN (KEEPS_PLAN)";

fn silent() -> String {
    patient_status::with_lists(ASK)
}

/// What a silence weighs, as [`crate::care::checklist::silence::weight`] says: here so that a page is read in order. `?1` is today, `?2` since
/// when an anchor is risky, `?3` the days that are added.
const WEIGHT: &str = "(julianday(?1) - julianday(since) + CASE WHEN half_done OR (bounced AND NOT opened) THEN ?3 ELSE 0 END) \
     * CASE WHEN anchor_on >= ?2 THEN 2 ELSE 1 END";

/// In which order a person should ring, and which page of it. Columns 6 to 9 are half-done, opened, bounced, accepted.
fn order() -> String {
    format!("ORDER BY {WEIGHT} DESC, reference LIMIT ?4 OFFSET ?5")
}

/// How silence is weighed, and which part of the list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct SilenceFilter {
    /// The day on which it is asked.
    pub today: Date,
    /// Whose anchor is not before this day is at the highest risk: a day of silence counts double.
    pub risky_since: Date,
    /// Days added where the silence will not end by itself or may hide a sign.
    pub extra_days: i32,
    /// At most this many.
    pub limit: u32,
    /// After as many that weigh more.
    pub skip: u32,
}

/// A page of those from whom an answer is awaited.
#[derive(Debug, Clone)]
pub struct SilencePage {
    /// The longest and riskiest silence of the page first.
    pub listed: Vec<Silence>,
    /// How many there are on all pages.
    pub total: u32,
}

/// A page of the list, each line with how many there are in all: both are found in one walk.
const PAGE: &str = "SELECT *, count(*) OVER () FROM";

impl View<'_> {
    /// From whom an answer is awaited, the longest and riskiest silence first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn silences(&self, filter: &SilenceFilter) -> Result<SilencePage, StoreError> {
        let ask = format!("{PAGE} ({}) {}", silent(), order());
        let SilenceFilter { today, risky_since, extra_days, limit, skip } = *filter;
        let values = (today.to_string(), risky_since.to_string(), extra_days, limit, skip);
        let mut total = None;
        let listed = self.readable(&ask, values, |row| {
            total = Some(row.get(10)?);
            silence(row)
        })?;
        let total = match total {
            Some(total) => total,
            // A page behind the last one has no line to tell it.
            None if skip > 0 => self.silences_size(today)?,
            None => 0,
        };
        Ok(SilencePage { listed, total })
    }

    fn silences_size(&self, today: Date) -> Result<u32, StoreError> {
        let ask = format!("SELECT count(*) FROM ({})", silent());
        Ok(rows(self.sql, &ask, [today.to_string()], |r| r.get(0))?.pop().unwrap_or(0))
    }
}

/// From whether it is half done, was opened, bounced, and was accepted.
const fn reach(found: [bool; 4]) -> Reach {
    match found {
        [true, ..] => Reach::HalfDone,
        [_, true, ..] => Reach::Opened,
        [_, _, true, _] => Reach::Bounced,
        [_, _, _, true] => Reach::Accepted,
        _ => Reach::NotSent,
    }
}

fn silence(row: &Row<'_>) -> Result<Silence, StoreError> {
    of_row("patient", row, 0, || {
        let reach = reach([row.get(6)?, row.get(7)?, row.get(8)?, row.get(9)?]);
        Ok(Silence {
            patient: PatientId(row.get(0)?),
            reference: shown(row, 1)?,
            since: date(&row.get::<_, String>(2)?)?,
            unanswered: row.get(3)?,
            reach,
            anchor_on: date(&row.get::<_, String>(4)?)?,
            answered_at: row.get::<_, Option<i64>>(5)?.map(instant),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::checklist::silence::{self, EXTRA_DAYS, risky_since};
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn sql_weighs_each_silence_as_care_does() {
        let sql = rusqlite::Connection::open_in_memory().unwrap();
        let today = jiff::civil::date(2027, 6, 1);
        let risky = risky_since(today);
        let ask = format!(
            "SELECT {WEIGHT} FROM (SELECT ?4 AS since, ?5 AS anchor_on, ?6 AS half_done, ?7 AS opened, ?8 AS bounced)"
        );
        for flags in 0..16 {
            let found = [1, 2, 4, 8].map(|bit| flags & bit != 0);
            for days in [0, 1, 13, 14, 400] {
                for anchor_on in [risky.yesterday().unwrap(), risky, today] {
                    let since = today.checked_sub(jiff::Span::new().days(days)).unwrap();
                    let [half_done, opened, bounced, _] = found;
                    let days_of = [today, risky, since, anchor_on].map(|day| day.to_string());
                    let [now, from, since, anchor] = days_of;
                    let values = (now, from, EXTRA_DAYS, since, anchor, half_done, opened, bounced);
                    let weighs: f64 = sql.query_row(&ask, values, |r| r.get(0)).unwrap();
                    let cares = silence::weight(days, reach(found), anchor_on, today);
                    assert!(
                        (weighs - f64::from(cares)).abs() < 1e-6,
                        "{found:?} {days} {anchor_on}: {weighs} {cares}"
                    );
                }
            }
        }
    }

    #[test]
    fn whether_she_opened_a_page_is_asked_of_her_own_links() {
        let (_dir, store) = fresh();
        let steps = plan(&store, &silent(), &["2026-03-03"]);
        assert!(steps.iter().any(|step| step.contains("USING INDEX link_subject")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN l")), "{steps:?}");
    }

    #[test]
    fn nobody_who_owes_no_answer_is_looked_at() {
        let (_dir, store) = fresh();
        for ask in
            [format!("{PAGE} ({}) {}", silent(), order()), format!("SELECT count(*) FROM ({})", silent())]
        {
            let values = ["2026-03-03", "2023-03-03", "14", "40", "0"];
            let values = if ask.contains("?5") { &values[..] } else { &values[..1] };
            let steps = plan(&store, &ask, values);
            assert!(steps.iter().any(|step| step.contains("INDEX follow_up_unanswered")), "{steps:?}");
            for table in ["SCAN f", "SCAN e", "SCAN p", "SCAN r", "SCAN m", "SCAN l", "SCAN s"] {
                let scans = steps.iter().any(|step| step == table || step.starts_with(&format!("{table} ")));
                assert!(!scans, "{steps:?}");
            }
        }
    }
}
