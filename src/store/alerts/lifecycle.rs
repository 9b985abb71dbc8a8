//! Alerts: raised, acknowledged, closed. How far each got up the ladder stands in its row, so that it goes on after a
//! restart (P6).

use jiff::Timestamp;
use rusqlite::{Params, Row};

use crate::care::alert::lifecycle::{AlertOutcome, AlertState, Disposition};
use crate::care::patient::PatientId;
use crate::care::triage::tier::Tier;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId(pub i64);

impl From<AlertId> for Subject {
    fn from(id: AlertId) -> Self {
        Self::Alert(id.0)
    }
}

/// Who is told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The people on the ladder.
    Ladder,
    /// Nobody: it belongs to the canary.
    Canary,
}

/// An alert as it is written down.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its row: the number by which letters, pages and commands name it.
    pub id: AlertId,
    /// Whom it is about.
    pub patient: PatientId,
    /// Her case code; `?` if her record is missing.
    pub reference: String,
    /// Whether it rings the ladder, or nobody since it is the canary's.
    pub audience: Audience,
    /// How urgent; `None` in education mode: an answer to read, unsorted.
    pub tier: Option<Tier>,
    /// Whether it rings, a person has taken it on, or it is closed.
    pub state: AlertState,
    /// When it was raised first.
    pub raised_at: Timestamp,
    /// By when a person must have acted.
    pub due_at: Timestamp,
    /// When it began to ring at this tier.
    pub ringing_since: Timestamp,
    /// How often the ladder began anew: at a higher tier, and when whoever took it on left it.
    pub round: u32,
    /// When a rung was last told for the first time.
    pub climbed_at: Option<Timestamp>,
    /// When everyone was told for the first time.
    pub everyone_at: Option<Timestamp>,
    /// How often anybody was told.
    pub notices: u32,
    /// When the last notice left.
    pub last_notice_at: Option<Timestamp>,
    /// When the next is due, while it rings; its clock, while a person has it. None once its answer was read.
    pub next_notice_at: Option<Timestamp>,
    /// Who took it on, and when.
    pub acknowledged: Option<(String, Timestamp)>,
    /// When its owner was told that its clock ran out.
    pub owner_told_at: Option<Timestamp>,
    /// Who had taken it on before it was raised again.
    pub left_by: Option<String>,
    /// Whether her death is on record: nobody can be rung, and somebody must close it all the same.
    pub has_died: bool,
    /// Who closed it, and when.
    pub closed: Option<(String, Timestamp)>,
    /// What it turned out to be; `None` until it is closed.
    pub outcome: Option<AlertOutcome>,
    /// What was done, as a JSON list; `None` until it is closed.
    pub dispositions: Option<String>,
    /// What the person noted.
    pub note: Option<String>,
}

impl Alert {
    /// Whether something is still to happen by itself: it rings, or whoever has it has a clock. Not once its answer was read.
    #[must_use]
    pub const fn runs(&self) -> bool {
        self.next_notice_at.is_some()
    }
}

/// How an alert ended: what was done and what it was.
#[derive(Debug, Clone)]
pub struct AlertClosure {
    /// What was done; never empty.
    pub dispositions: Vec<Disposition>,
    /// What it turned out to be.
    pub outcome: AlertOutcome,
    /// In the person's words; shown in the console only.
    pub note: String,
}

/// An alert about to be raised.
#[derive(Debug, Clone, Copy)]
pub struct NewAlert {
    /// Whose answer it is.
    pub patient: PatientId,
    /// Whether it rings the ladder, or nobody since it is the canary's.
    pub audience: Audience,
    /// How pressing it is; `None` where nobody sorted the answer.
    pub tier: Option<Tier>,
    /// By when a person must have spoken with her.
    pub due_at: Timestamp,
}

pub(in crate::store) const COLUMNS: &str = "a.id, a.patient_id, p.reference, a.audience, a.tier, a.state, a.raised_at, a.due_at, a.ringing_since, \
    a.round, a.notices, a.last_notice_at, a.next_notice_at, a.acknowledged_by, a.acknowledged_at, a.closed_by, a.closed_at, \
    a.outcome, a.dispositions, a.note, a.climbed_at, a.everyone_at, a.owner_told_at, a.left_by, \
    coalesce(p.status = 'deceased', 0)";

impl Tx<'_> {
    /// Raises an alert; it is due to ring at once.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_alert(&mut self, new: &NewAlert) -> Result<AlertId, StoreError> {
        let insert = "INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at) \
                      VALUES (?1, ?2, ?3, 'raised', ?4, ?5, ?4, ?4)";
        let tier = new.tier.map(Tier::word);
        let row = (new.patient.0, audience_word(new.audience), tier, self.at_ms(), millis(new.due_at));
        self.sql.prepare_cached(insert)?.execute(row)?;
        let id = AlertId(self.sql.last_insert_rowid());
        let detail = serde_json::json!({ "tier": tier, "patient": new.patient.0 });
        self.audit(AuditAction::AlertRaised, id, &detail)?;
        Ok(id)
    }

    /// Lifts the tier of an alert that rings: the ladder starts anew, the deadline only comes closer.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn lift_alert(&mut self, id: AlertId, tier: Tier, due_at: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE alert SET tier = ?1, due_at = min(due_at, ?2), ringing_since = ?3, next_notice_at = ?3, \
                      lifted_at = ?3, first_acted_at = NULL, round = round + 1, climbed_at = NULL, everyone_at = NULL, last_notice_at = NULL WHERE id = ?4 AND state = 'raised'";
        self.sql.prepare_cached(update)?.execute((tier.word(), millis(due_at), self.at_ms(), id.0))?;
        self.forget_told(id)?;
        let detail = serde_json::json!({ "tier": tier.word() });
        self.audit(AuditAction::AlertLifted, id, &detail)
    }

    /// Notes how far an alert got, if it still rings. Returns whether it does.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn climb_alert(&mut self, alert: &Alert) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET climbed_at = ?, everyone_at = ?, notices = ?, last_notice_at = ?, next_notice_at = ?, \
                      ringing_since = ? WHERE id = ? AND state = 'raised'";
        let moved = self.sql.prepare_cached(update)?.execute((
            alert.climbed_at.map(millis),
            alert.everyone_at.map(millis),
            alert.notices,
            alert.last_notice_at.map(millis),
            alert.next_notice_at.map(millis),
            millis(alert.ringing_since),
            alert.id.0,
        ))?;
        Ok(moved == 1)
    }

    /// A person takes an alert on; it is quiet until `clock`, for good without one. Returns whether it rang.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn acknowledge_alert(
        &mut self,
        id: AlertId,
        by: &str,
        clock: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let update = "UPDATE alert SET state = 'acknowledged', next_notice_at = ?1, acknowledged_by = ?2, acknowledged_at = ?3, \
                      first_acted_at = coalesce(first_acted_at, ?3) WHERE id = ?4 AND state = 'raised'";
        let row = (clock.map(millis), by, self.at_ms(), id.0);
        let moved = self.sql.prepare_cached(update)?.execute(row)?;
        if moved == 1 {
            let detail = serde_json::json!({ "by": by, "until": clock.map(|at| at.to_string()) });
            self.audit(AuditAction::AlertAcknowledged, id, &detail)?;
        }
        Ok(moved == 1)
    }

    /// The actor ends an acknowledged alert. Returns whether it was one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_alert(&mut self, id: AlertId, ending: &AlertClosure) -> Result<bool, StoreError> {
        let done: Vec<serde_json::Value> = ending.dispositions.iter().copied().map(disposition).collect();
        let done = serde_json::Value::Array(done);
        let update = "UPDATE alert SET state = 'closed', next_notice_at = NULL, closed_by = ?, closed_at = ?, dispositions = ?, outcome = ?, note = ? \
                      WHERE id = ? AND state = 'acknowledged'";
        let moved = self.sql.prepare_cached(update)?.execute((
            self.actor().word(),
            self.at_ms(),
            done.to_string(),
            ending.outcome.word(),
            &ending.note,
            id.0,
        ))?;
        if moved == 1 {
            let detail = serde_json::json!({ "dispositions": done, "outcome": ending.outcome.word() });
            self.audit(AuditAction::AlertClosed, id, &detail)?;
        }
        Ok(moved == 1)
    }
}

impl View<'_> {
    /// The alert in that row, whatever its state.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn alert(&self, id: AlertId) -> Result<Alert, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id WHERE a.id = ?"
        );
        self.one(&ask, [id.0], alert)?.ok_or_else(|| StoreError::not_found(&format!("alert `{}`", id.0)))
    }

    /// Open alerts: those that ring, then those taken on; each by tier, most urgent first, then by
    /// deadline. The canary's are left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_open(&self) -> Result<Vec<Alert>, StoreError> {
        let condition = "a.state <> 'closed' AND a.audience = 'ladder' ORDER BY a.state = 'acknowledged', \
             CASE a.tier WHEN 'emergency' THEN 0 WHEN 'soon' THEN 2 ELSE 1 END, a.due_at, a.id";
        self.alerts(condition, [])
    }

    /// A patient's alerts that ring or are being dealt with, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_open_of(&self, patient: PatientId) -> Result<Vec<Alert>, StoreError> {
        self.alerts("a.patient_id = ?1 AND a.state <> 'closed' ORDER BY a.id DESC", [patient.0])
    }

    /// Every alert of a patient, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_of(&self, patient: PatientId) -> Result<Vec<Alert>, StoreError> {
        self.alerts("a.patient_id = ?1 ORDER BY a.id DESC", [patient.0])
    }

    /// Alerts whose next notice is due at `now`, and those that a clock set back has put into the future: they have
    /// rung, were raised or taken on later than `horizon`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_due(&self, now: Timestamp, horizon: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let condition = "a.next_notice_at IS NOT NULL AND (a.next_notice_at <= ?1 OR CASE a.state WHEN 'raised' \
             THEN max(coalesce(a.last_notice_at, a.ringing_since), a.ringing_since) ELSE a.acknowledged_at END > ?2) ORDER BY a.next_notice_at LIMIT 500";
        self.alerts(condition, [millis(now), millis(horizon)])
    }

    /// When the next notice of any alert is due.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_notice_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(next_notice_at) FROM alert WHERE next_notice_at IS NOT NULL";
        let found: Option<i64> = self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?;
        Ok(found.map(instant))
    }

    fn alerts(&self, condition: &str, values: impl Params) -> Result<Vec<Alert>, StoreError> {
        // An alert rings whatever became of the row of whom it is about.
        let ask = format!(
            "SELECT {COLUMNS} FROM alert a LEFT JOIN patient p ON p.id = a.patient_id WHERE {condition}"
        );
        self.readable(&ask, values, alert)
    }
}

fn disposition(done: Disposition) -> serde_json::Value {
    match done {
        Disposition::Mri(on) => serde_json::json!({ "word": done.word(), "on": on.to_string() }),
        _ => serde_json::json!({ "word": done.word() }),
    }
}

const fn audience_word(audience: Audience) -> &'static str {
    match audience {
        Audience::Ladder => "ladder",
        Audience::Canary => "canary",
    }
}

pub(in crate::store) fn alert(row: &Row<'_>) -> Result<Alert, StoreError> {
    of_row("alert", row, 0, || {
        let (audience, tier, state): (String, Option<String>, String) =
            (row.get(3)?, row.get(4)?, row.get(5)?);
        let outcome: Option<String> = row.get(17)?;
        let moment = |i: usize| row.get::<_, Option<i64>>(i).map(|at| at.map(instant));
        Ok(Alert {
            id: AlertId(row.get(0)?),
            patient: PatientId(row.get(1)?),
            reference: shown(row, 2)?,
            audience: match audience.as_str() {
                "canary" => Audience::Canary,
                "ladder" => Audience::Ladder,
                _ => return Err(StoreError::corrupt("whom an alert rings")),
            },
            tier: tier
                .map(|t| Tier::parse(&t).ok_or_else(|| StoreError::corrupt("alert tier")))
                .transpose()?,
            state: AlertState::parse(&state).ok_or_else(|| StoreError::corrupt("alert state"))?,
            raised_at: instant(row.get(6)?),
            due_at: instant(row.get(7)?),
            ringing_since: instant(row.get(8)?),
            round: row.get(9)?,
            notices: row.get(10)?,
            last_notice_at: moment(11)?,
            next_notice_at: moment(12)?,
            acknowledged: row.get::<_, Option<String>>(13)?.zip(moment(14)?),
            closed: row.get::<_, Option<String>>(15)?.zip(moment(16)?),
            outcome: outcome
                .map(|o| AlertOutcome::parse(&o).ok_or_else(|| StoreError::corrupt("outcome")))
                .transpose()?,
            dispositions: row.get(18)?,
            note: row.get(19)?,
            climbed_at: moment(20)?,
            everyone_at: moment(21)?,
            owner_told_at: moment(22)?,
            left_by: row.get(23)?,
            has_died: row.get(24)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::care::alert::ring_dates::RingDates;
    use crate::care::time::clock_trust::BACK;
    use crate::care::time::span::later;
    use crate::store::database::tests::{an_alert, fresh, sabotage, stamp};

    /// Its next notice is far away, so that only a clock that was wrong makes it due.
    #[test]
    fn sql_asks_for_what_care_says_was_dated_by_a_clock_that_was_wrong() {
        let (_dir, store) = fresh();
        let alert = store.write_blocking(stamp(), an_alert).unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let minutes = [-20, 0, 9, 10, 11, 30];
        for raised in minutes {
            for last in minutes.map(Some).into_iter().chain([None]) {
                let at = |minute: i64| now + SignedDuration::from_mins(minute);
                let dates = RingDates {
                    raised_at: at(raised),
                    climbed_at: None,
                    everyone_at: None,
                    last_at: last.map(at),
                };
                let last_at = dates.last_at.map_or_else(|| "NULL".to_owned(), |at| millis(at).to_string());
                let sql = format!(
                    "UPDATE alert SET ringing_since = {}, last_notice_at = {last_at}, next_notice_at = {} WHERE id = {}",
                    millis(dates.raised_at),
                    millis(at(9000)),
                    alert.0
                );
                store.write_blocking(stamp(), move |tx| sabotage(tx, &sql)).unwrap();
                let due = store.read(|view| view.alerts_due(now, later(now, BACK))).unwrap();
                assert_eq!(!due.is_empty(), dates.is_ahead(now), "{raised} {last:?}");
            }
        }
    }
}
