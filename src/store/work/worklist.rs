//! Read-only questions that people ask: the ledger, its balance, who has fallen out.

use rusqlite::Row;

use crate::care::guards::stop_kind::STOPPED;
use crate::care::patient::Reference;
use crate::store::db::transaction::View;
use crate::store::db::unreadable::shown;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{COLUMNS, Delivery, TABLES, WIDTH, delivery};
use crate::store::mail::letter_stops::HELD_BACK;
use crate::store::people::patient_status;

/// One way in which the ledger does not balance, or a patient has fallen out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerFinding {
    /// Which promise is broken, e.g. `P1`.
    pub promise: &'static str,
    /// What is wrong, with row ids and case codes only.
    pub fact: String,
}

/// Which letters the ledger shows.
#[derive(Debug, Clone, Default)]
pub struct LedgerFilter {
    /// Only letters to the patient with this case code; `None` for all, those to staff too.
    pub reference: Option<String>,
    /// Only letters in the state of this word, e.g. `sent`; `None` for all.
    pub state: Option<String>,
    /// Only letters for this civil day or later.
    pub since: Option<jiff::civil::Date>,
    /// At most this many, the newest; 0 is no limit.
    pub limit: u32,
}

/// A line of the ledger: the letter, the case code, and the steps it carries.
#[derive(Debug, Clone)]
pub struct LedgerLine {
    /// The letter with its state, reason and last reply.
    pub delivery: Delivery,
    /// The patient's case code; `None` for staff.
    pub reference: Option<String>,
    /// Its steps, e.g. `visit:book, spine-check:invite`.
    pub steps: String,
    /// Whether it waits until letters of its kind are started again.
    pub is_held_back: bool,
}

impl LedgerLine {
    /// Why it is where it is, as far as there is anything to say.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        let reason = self.delivery.reason.as_deref();
        reason.or_else(|| self.is_held_back.then_some(STOPPED))
    }
}

/// Each way to break a promise as a question; an empty answer is good. `?1` is the canary's case code, a name in capitals a list of
/// states ([`patient_status::with_lists`]).
const QUESTIONS: [(&str, &str, &str); 13] = [
    (
        "P1",
        "reminder due without a letter under way",
        "SELECT r.id FROM reminder r JOIN delivery d ON d.id = r.delivery_id \
      WHERE r.state = 'due' AND d.state NOT IN ('pending', 'claimed', 'unknown')",
    ),
    (
        "P1",
        "letter sent with a promise that is not",
        "SELECT r.id FROM reminder r JOIN delivery d ON d.id = r.delivery_id WHERE r.state = 'sent' AND d.state <> 'sent' \
      AND d.reason IS NOT 'it left before a backup was restored'",
    ),
    (
        "P1",
        "letter sent without a reply on record",
        "SELECT d.id FROM delivery d WHERE d.state = 'sent' AND NOT EXISTS \
      (SELECT 1 FROM attempt a WHERE a.delivery_id = d.id AND a.verdict = 'accepted')",
    ),
    (
        "P3",
        "two letters accepted under one number",
        "SELECT a.delivery_id FROM attempt a JOIN delivery d ON d.id = a.delivery_id WHERE a.verdict = 'accepted' \
      GROUP BY a.delivery_id HAVING count(*) > 1 AND max(d.doubts) = 0 AND NOT EXISTS (SELECT 1 FROM audit_event e \
      WHERE e.action = 'delivery.bounced' AND e.subject = 'delivery/' || a.delivery_id)",
    ),
    (
        "P17",
        "letter in doubt twice that nobody was asked about",
        "SELECT d.id FROM delivery d JOIN patient p ON p.id = d.patient_id WHERE d.state = 'unknown' AND d.doubts > 1 \
      AND p.status <> 'deceased' AND d.purpose <> 'canary' \
      AND EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') \
      AND NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = 'letter-unknown' AND t.cause = 'delivery/' || d.id)",
    ),
    (
        "P2",
        "letter waiting for someone deceased",
        "SELECT d.id FROM delivery d JOIN patient p ON p.id = d.patient_id \
      WHERE p.status = 'deceased' AND d.state = 'pending'",
    ),
    (
        "P5",
        "worrying answer without an alert",
        "SELECT r.id FROM response r WHERE r.tier IN ('emergency', 'urgent', 'soon') AND r.alert_id IS NULL",
    ),
    (
        "P5",
        "alert that stands lower than an answer it rings for",
        "SELECT a.id FROM alert a JOIN response r ON r.alert_id = a.id WHERE r.tier = 'emergency' AND a.tier <> 'emergency' \
      OR r.tier = 'urgent' AND a.tier = 'soon'",
    ),
    (
        "P6",
        "alert taken on or closed by nobody who signs in",
        "SELECT a.id FROM alert a WHERE a.audience = 'ladder' AND (a.closed_by NOT LIKE 'staff:%' \
      OR a.tier IS NOT NULL AND a.acknowledged_by NOT LIKE 'staff:%')",
    ),
    (
        "P6",
        "alert taken on that no clock watches",
        "SELECT a.id FROM alert a WHERE a.audience = 'ladder' AND a.state = 'acknowledged' AND a.tier IS NOT NULL \
      AND a.next_notice_at IS NULL",
    ),
    (
        "P7",
        "bad address without a task ever opened",
        "SELECT p.id FROM patient p WHERE p.status = 'address_bad' AND NOT EXISTS \
      (SELECT 1 FROM task t WHERE t.patient_id = p.id AND t.kind = 'address-bad')",
    ),
    (
        "P8",
        "patient in follow-up with neither a next contact nor an open task",
        "SELECT p.reference FROM patient p WHERE p.status IN (KEEPS_PLAN) AND p.reference <> ?1 \
      AND NOT EXISTS (SELECT 1 FROM follow_up f WHERE f.patient_id = p.id AND f.next_at IS NOT NULL) \
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.patient_id = p.id AND d.state IN ('pending', 'claimed')) \
      AND NOT EXISTS (SELECT 1 FROM task t WHERE t.patient_id = p.id AND t.state = 'open') \
      AND NOT EXISTS (SELECT 1 FROM import_booking b WHERE b.patient_id = p.id AND b.outcome IS NULL)",
    ),
    (
        "P8",
        "patient out of letter follow-up whom nobody was asked to take over",
        "SELECT p.reference FROM patient p WHERE p.status NOT IN (NOT_HANDED_OVER) \
      AND NOT EXISTS (SELECT 1 FROM task t WHERE t.patient_id = p.id)",
    ),
];

/// The questions about one promise; `?1`, where one has it, is the canary's case code.
pub(in crate::store) fn asked_of(promise: &str) -> impl Iterator<Item = String> {
    QUESTIONS
        .into_iter()
        .filter(move |(named, ..)| *named == promise)
        .map(|(_, _, ask)| patient_status::with_lists(ask))
}

impl View<'_> {
    /// Asks every question whose answer must be empty. At most 20 findings each.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn findings(&self) -> Result<Vec<LedgerFinding>, StoreError> {
        let mut found = Vec::new();
        for (promise, what, ask) in QUESTIONS {
            let ask = patient_status::with_lists(ask);
            let canary = rusqlite::params_from_iter(ask.contains("?1").then_some(Reference::CANARY));
            let subjects = self.all(&format!("{ask} LIMIT 20"), canary, |r| shown(r, 0))?;
            found.extend(
                subjects.into_iter().map(|s| LedgerFinding { promise, fact: format!("{what}: {s}") }),
            );
        }
        Ok(found)
    }

    /// How many letters stand in each state.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn balance(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let ask = "SELECT state, count(*) FROM delivery GROUP BY state ORDER BY state";
        self.all(ask, [], |r| Ok((shown(r, 0)?, r.get(1)?)))
    }

    /// How many promises stand in each state.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn promises(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let ask = "SELECT state, count(*) FROM reminder GROUP BY state ORDER BY state";
        self.all(ask, [], |r| Ok((shown(r, 0)?, r.get(1)?)))
    }

    /// The newest lines of the ledger, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn ledger(&self, filter: &LedgerFilter) -> Result<Vec<LedgerLine>, StoreError> {
        let (wanted, values) = filter.wanted();
        let values = rusqlite::params_from_iter(values);
        let mut lines = self.readable(&ledger_ask(&wanted), values, ledger_line)?;
        lines.reverse();
        Ok(lines)
    }

    /// How many lines the ledger has for a filter; no more than its limit are counted.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn ledger_size(&self, filter: &LedgerFilter) -> Result<u32, StoreError> {
        let (wanted, values) = filter.wanted();
        let ask = format!("SELECT count(*) FROM (SELECT 1 FROM delivery d {wanted})");
        let mut statement = self.sql.prepare_cached(&ask)?;
        Ok(statement.query_row(rusqlite::params_from_iter(values), |r| r.get(0))?)
    }
}

/// What is asked for lines of the ledger: the rest of the question is about `delivery d`.
pub(in crate::store) fn ledger_ask(wanted: &str) -> String {
    format!(
        "SELECT {COLUMNS}, p.reference, coalesce((SELECT group_concat(f.series || ':' || r.step, ', ') \
         FROM reminder r JOIN follow_up f ON f.id = r.follow_up_id WHERE r.delivery_id = d.id), ''), {HELD_BACK} \
         FROM {TABLES} LEFT JOIN patient p ON p.id = d.patient_id {wanted}"
    )
}

/// A line of the ledger as [`ledger_ask`] brings it.
pub(in crate::store) fn ledger_line(row: &Row<'_>) -> Result<LedgerLine, StoreError> {
    let delivery = delivery(row)?;
    let reference = delivery.patient.map(|_| shown(row, WIDTH)).transpose()?;
    let (steps, is_held_back) = (shown(row, WIDTH + 1)?, row.get(WIDTH + 2)?);
    Ok(LedgerLine { delivery, reference, steps, is_held_back })
}

/// Letters of a record, and of those that ended in it.
const OF_HERS: &str = "d.patient_id IN (SELECT id FROM patient WHERE reference = ?1 UNION ALL SELECT m.patient_id \
     FROM patient p JOIN patient_merge m ON m.into_id = p.id WHERE p.reference = ?1)";

impl LedgerFilter {
    /// What is asked of `delivery d`, newest first, and the values: only what is looked for, so that SQLite may use an index.
    fn wanted(&self) -> (String, Vec<String>) {
        let given = [
            (OF_HERS, self.reference.clone()),
            ("d.state = ?", self.state.clone()),
            ("d.local_on >= ?", self.since.map(|on| on.to_string())),
        ];
        let given = given.into_iter().filter_map(|(ask, value)| Some((ask, value?)));
        let (asks, values): (Vec<_>, Vec<_>) = given.unzip();
        let only = if asks.is_empty() { String::new() } else { format!("WHERE {} ", asks.join(" AND ")) };
        let most = if self.limit == 0 { i64::MAX } else { i64::from(self.limit) };
        (format!("{only}ORDER BY d.id DESC LIMIT {most}"), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage};
    use crate::store::db::transaction::Stamp;

    #[test]
    fn the_letters_of_one_patient_are_found_without_reading_those_of_others() {
        let (_dir, store) = fresh();
        let one = LedgerFilter { reference: Some("A-1".to_owned()), ..LedgerFilter::default() };
        let (wanted, values) = one.wanted();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let steps = plan(&store, &format!("SELECT d.id FROM delivery d {wanted}"), &values);
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
    }

    #[test]
    fn a_limit_keeps_the_newest_lines_and_the_size_tells_of_the_others() {
        let (_dir, store) = fresh();
        let five = "INSERT INTO delivery (audience, purpose, local_on, priority, state, next_at, expires_at, created_at) \
                    SELECT 'staff', 'alert', '2026-01-0' || value, 1, 'pending', 0, 0, 0 FROM json_each('[1, 2, 3, 4, 5]')";
        let stamp = Stamp::daemon(jiff::Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx| sabotage(tx, five)).unwrap();
        let since = Some(jiff::civil::date(2026, 1, 2));
        let filter = |limit| LedgerFilter { since, limit, ..LedgerFilter::default() };
        let days = |limit| -> Vec<i8> {
            let lines = store.read(|v| v.ledger(&filter(limit))).unwrap();
            lines.iter().map(|line| line.delivery.local_on.day()).collect()
        };
        assert_eq!((days(2), days(0)), (vec![4, 5], vec![2, 3, 4, 5]));
        assert_eq!([0, 3].map(|limit| store.read(|v| v.ledger_size(&filter(limit))).unwrap()), [4, 3]);
    }
}
