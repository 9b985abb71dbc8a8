//! Answers on record and what was known when each came, a batch of patients at a time: for whoever judges them once more.
//! Nothing here changes anything.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use crate::care::checklist::answer::Known;
use crate::care::patient::{PatientId, Reference};
use crate::store::alerts::lifecycle::AlertId;
use crate::store::answers::responses::{self, Response, response};
use crate::store::db::columns::{date, instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::people::clinical_history::{self, BaselineRow};

/// So many patients are read at a time.
const BATCH: u32 = 200;

/// Who is meant: whoever answered in that time, on that protocol if one is named.
#[derive(Debug, Clone, Copy)]
pub struct AnswerScope<'a> {
    /// The first instant that is meant.
    pub from: Timestamp,
    /// The end, which is not meant any more.
    pub until: Timestamp,
    /// Only patients who are or were on this protocol.
    pub protocol: Option<&'a str>,
}

/// A baseline and when it was confirmed.
pub struct DatedBaseline {
    /// The patient whose it is.
    pub patient: PatientId,
    /// What was confirmed, as it is written down.
    pub row: BaselineRow,
    /// The moment; `None` for one of before moments were kept.
    pub at: Option<Timestamp>,
}

/// A mark of what is known, and when it was made.
#[derive(Debug, Clone, Copy)]
pub struct DatedMark {
    /// The patient whose it is.
    pub patient: PatientId,
    /// What is known, and until when.
    pub known: Known,
    /// The day it was made.
    pub from: Date,
    /// The moment; `None` for one of before moments were kept.
    pub at: Option<Timestamp>,
}

/// A stretch of time in which spread to bone was on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoneSpreadSpan {
    /// The patient whose it is.
    pub patient: PatientId,
    /// When it was noted.
    pub from: Timestamp,
    /// When the note was withdrawn; `None` while it stands.
    pub until: Option<Timestamp>,
}

/// An alert, and when a person first took it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastAlert {
    /// The patient whom it is about.
    pub patient: PatientId,
    /// By which row the alert is known.
    pub id: AlertId,
    /// The moment; `None` while nobody has.
    pub acted_at: Option<Timestamp>,
}

/// All that was known of a batch of patients, each list by patient and age.
pub struct PastAnswers {
    /// Whose answers are meant, in order.
    pub patients: Vec<PatientId>,
    /// Every form of theirs until the end.
    pub forms: Vec<Response>,
    /// The baselines that were confirmed of them.
    pub baselines: Vec<DatedBaseline>,
    /// Their marks of what is known.
    pub marks: Vec<DatedMark>,
    /// When spread to bone was on record.
    pub bone: Vec<BoneSpreadSpan>,
    /// Their alerts, as far as people acted on them.
    pub alerts: Vec<PastAlert>,
}

const WHO: &str = "FROM patient p WHERE p.id > ?1 AND p.reference <> ?2 AND EXISTS (SELECT 1 FROM response r \
                   WHERE r.patient_id = p.id AND r.answered_at >= ?3 AND r.answered_at < ?4) \
                   AND (?5 IS NULL OR EXISTS (SELECT 1 FROM enrolment e WHERE e.patient_id = p.id AND e.protocol = ?5))";

impl View<'_> {
    /// How many patients answered.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn answering_count(&self, scope: &AnswerScope<'_>) -> Result<u32, StoreError> {
        let ask = format!("SELECT count(*) {WHO}");
        let values = (0, Reference::CANARY, millis(scope.from), millis(scope.until), scope.protocol);
        Ok(rows(self.sql, &ask, values, |row| row.get(0))?.first().copied().unwrap_or_default())
    }

    /// The next batch of patients who answered, with all that is asked of them; without patients at the end.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails; what cannot be read is left out and noted.
    pub fn past_answers(&self, after: PatientId, scope: &AnswerScope<'_>) -> Result<PastAnswers, StoreError> {
        let ask = format!("SELECT p.id {WHO} ORDER BY p.id LIMIT {BATCH}");
        let (from, until) = (millis(scope.from), millis(scope.until));
        let values = (after.0, Reference::CANARY, from, until, scope.protocol);
        let patients = rows(self.sql, &ask, values, |row| Ok(PatientId(row.get(0)?)))?;
        let last = patients.last().copied().unwrap_or(after);
        // Whoever lies between them and is not meant is left out by the reader.
        let (first, last) = (after.0, last.0);
        let forms = format!(
            "SELECT {} FROM response WHERE patient_id > ? AND patient_id <= ? AND answered_at < ? AND who <> 'canary' \
             ORDER BY patient_id, answered_at, id",
            responses::COLUMNS
        );
        let span = (first, last);
        Ok(PastAnswers {
            forms: self.readable(&forms, (first, last, until), response)?,
            baselines: self.readable(BASELINES, span, baseline)?,
            marks: self.readable(MARKS, span, mark)?,
            bone: self.readable(BONE, span, bone)?,
            alerts: self.readable(ALERTS, span, alert)?,
            patients,
        })
    }
}

const BASELINES: &str = "SELECT checklist_version_id, answers, marks, confirmed_by, confirmed_on, id, patient_id, confirmed_at \
                         FROM baseline WHERE patient_id > ? AND patient_id <= ? ORDER BY patient_id, id";
const MARKS: &str = "SELECT code, from_on, until_on, id, score, patient_id, marked_at FROM known_mark \
                     WHERE patient_id > ? AND patient_id <= ? ORDER BY patient_id, id";
const BONE: &str = "SELECT patient_id, noted_at, NULL AS until FROM bone_spread WHERE patient_id > ?1 AND patient_id <= ?2 \
                    UNION ALL SELECT patient_id, noted_at, withdrawn_at FROM bone_spread_withdrawal \
                    WHERE patient_id > ?1 AND patient_id <= ?2 ORDER BY patient_id, noted_at";
const ALERTS: &str = "SELECT id, first_acted_at, patient_id FROM alert WHERE patient_id > ? AND patient_id <= ? ORDER BY patient_id, id";

fn moment(row: &Row<'_>, at: usize) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.get::<_, Option<i64>>(at)?.map(instant))
}

fn baseline(row: &Row<'_>) -> Result<DatedBaseline, StoreError> {
    let (found, patient) = (clinical_history::baseline(row)?, PatientId(row.get(6)?));
    Ok(DatedBaseline { patient, row: found, at: moment(row, 7)? })
}

fn mark(row: &Row<'_>) -> Result<DatedMark, StoreError> {
    let (known, patient) = (clinical_history::known(row)?, PatientId(row.get(5)?));
    Ok(DatedMark { patient, known, from: date(&row.get::<_, String>(1)?)?, at: moment(row, 6)? })
}

fn bone(row: &Row<'_>) -> Result<BoneSpreadSpan, StoreError> {
    of_row("bone_spread", row, 0, || {
        let from = moment(row, 1)?.ok_or_else(|| StoreError::corrupt("bone spread"))?;
        Ok(BoneSpreadSpan { patient: PatientId(row.get(0)?), from, until: moment(row, 2)? })
    })
}

fn alert(row: &Row<'_>) -> Result<PastAlert, StoreError> {
    of_row("alert", row, 0, || {
        let (id, patient) = (AlertId(row.get(0)?), PatientId(row.get(2)?));
        Ok(PastAlert { patient, id, acted_at: moment(row, 1)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn a_batch_is_read_by_patient_and_nothing_is_sorted() {
        let (_dir, store) = fresh();
        let forms = "SELECT id FROM response WHERE patient_id > ? AND patient_id <= ? AND answered_at < ? \
                     ORDER BY patient_id, answered_at, id";
        for (ask, index) in [
            (forms, "response_patient"),
            (BASELINES, "baseline_patient"),
            (MARKS, "known_mark_patient"),
            (ALERTS, "alert_patient"),
        ] {
            let steps = plan(&store, ask, &["1", "2", "3"][..ask.matches('?').count()]);
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("SCAN")), "{steps:?}");
        }
        let who = format!("SELECT p.id {WHO} ORDER BY p.id LIMIT {BATCH}");
        let steps = plan(&store, &who, &["1", "2", "3", "4", "5"]);
        assert!(steps.iter().any(|step| step.contains("response_patient")), "{steps:?}");
    }
}
