//! What is known about the one who answers: baselines, marks of what is known, bone spread.
//! Clinicians write it, the rules read it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::checklist::answer::{Known, Mark};
use crate::care::patient::PatientId;
use crate::care::triage::tier::Code;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{date, instant};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// A confirmed baseline as it is written down. No Debug: it holds answers.
#[derive(Clone)]
pub struct BaselineRow {
    /// The checklist it was answered under.
    pub version: ChecklistVersionId,
    /// Field and word, as JSON.
    pub answers: String,
    /// What the clinician marked, by item.
    pub marks: BTreeMap<String, Mark>,
    /// Name of the account that confirmed it.
    pub confirmed_by: String,
    /// The clinic's civil day on which it was confirmed.
    pub confirmed_on: Date,
}

/// A mark's word in SQL.
#[must_use]
pub const fn mark_word(mark: Mark) -> &'static str {
    match mark {
        Mark::Known => "known",
        Mark::NotApplicable => "not-applicable",
    }
}

impl Tx<'_> {
    /// Writes a confirmed baseline down; it counts from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_baseline(&mut self, patient: PatientId, new: &BaselineRow) -> Result<(), StoreError> {
        let marks: BTreeMap<&str, &str> =
            new.marks.iter().map(|(item, mark)| (item.as_str(), mark_word(*mark))).collect();
        let marks = serde_json::json!(marks).to_string();
        let insert = "INSERT INTO baseline (patient_id, checklist_version_id, answers, marks, confirmed_by, confirmed_on, confirmed_at) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let on = new.confirmed_on.to_string();
        let (by, at) = (&new.confirmed_by, self.at_ms());
        let row = (patient.0, new.version.0, &new.answers, marks, by, on, at);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "by": new.confirmed_by });
        self.audit(AuditAction::BaselineConfirmed, patient, &detail)
    }

    /// Writes a mark of what is known down.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_known(&mut self, patient: PatientId, known: Known, from: Date) -> Result<(), StoreError> {
        let insert = "INSERT INTO known_mark (patient_id, code, from_on, until_on, marked_by, score, marked_at) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let until = known.until().to_string();
        let (code, by, at) = (known.code().word(), self.actor().word(), self.at_ms());
        let row = (patient.0, code, from.to_string(), &until, by, known.score(), at);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "code": known.code().word(), "until": until });
        self.audit(AuditAction::ReasonKnown, patient, &detail)
    }

    /// Notes that bone spread is known.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_bone_spread(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let insert = "INSERT INTO bone_spread (patient_id, noted_by, noted_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let noted =
            self.sql.prepare_cached(insert)?.execute((patient.0, self.actor().word(), self.at_ms()))?;
        if noted == 0 {
            return Ok(());
        }
        self.audit(AuditAction::BoneSpreadNoted, patient, &serde_json::json!({}))
    }

    /// Withdraws the note that bone spread is known; it stays on record with the reason. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn withdraw_bone_spread(&mut self, patient: PatientId, reason: &str) -> Result<bool, StoreError> {
        let keep = "INSERT INTO bone_spread_withdrawal (patient_id, noted_by, noted_at, withdrawn_by, withdrawn_at, reason) \
                    SELECT patient_id, noted_by, noted_at, ?, ?, ? FROM bone_spread WHERE patient_id = ?";
        let row = (self.actor().word(), self.at_ms(), reason, patient.0);
        if self.sql.prepare_cached(keep)?.execute(row)? == 0 {
            return Ok(false);
        }
        self.sql.prepare_cached("DELETE FROM bone_spread WHERE patient_id = ?")?.execute([patient.0])?;
        self.audit(AuditAction::BoneSpreadWithdrawn, patient, &serde_json::json!({}))?;
        Ok(true)
    }
}

impl View<'_> {
    /// The newest confirmed baseline.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails; `is_unreadable` when it holds what nobody wrote.
    pub fn baseline(&self, patient: PatientId) -> Result<Option<BaselineRow>, StoreError> {
        let ask = "SELECT checklist_version_id, answers, marks, confirmed_by, confirmed_on, id FROM baseline \
                   WHERE patient_id = ? ORDER BY id DESC LIMIT 1";
        self.one(ask, [patient.0], baseline)
    }

    /// Whether a baseline was ever confirmed.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_baseline(&self, patient: PatientId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM baseline WHERE patient_id = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([patient.0])?)
    }

    /// Marks of what is known that reach to `on` or later.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn known(&self, patient: PatientId, on: Date) -> Result<Vec<Known>, StoreError> {
        let ask = "SELECT code, from_on, until_on, id, score FROM known_mark WHERE patient_id = ? AND until_on >= ?";
        self.readable(ask, (patient.0, on.to_string()), known)
    }

    /// Who noted that bone spread is known, and when; `None` while it is not.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn bone_spread_noted(&self, patient: PatientId) -> Result<Option<(String, Timestamp)>, StoreError> {
        let ask = "SELECT noted_by, noted_at, patient_id FROM bone_spread WHERE patient_id = ?";
        self.one(ask, [patient.0], |r| of_row("bone_spread", r, 2, || Ok((r.get(0)?, instant(r.get(1)?)))))
    }

    /// Whether bone spread was known.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_bone_spread(&self, patient: PatientId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM bone_spread WHERE patient_id = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([patient.0])?)
    }
}

/// Left out, a mark silences nothing: the rules are stricter without it.
pub(in crate::store) fn known(row: &rusqlite::Row<'_>) -> Result<Known, StoreError> {
    of_row("known_mark", row, 3, || {
        let day = |at: usize| -> Result<Date, StoreError> { date(&row.get::<_, String>(at)?) };
        let code =
            Code::parse(&row.get::<_, String>(0)?).ok_or_else(|| StoreError::corrupt("known reason"))?;
        let known = Known::new(code, day(1)?, day(2)?).map_err(|_| StoreError::corrupt("known reason"))?;
        Ok(known.at(row.get(4)?))
    })
}

pub(in crate::store) fn baseline(row: &rusqlite::Row<'_>) -> Result<BaselineRow, StoreError> {
    of_row("baseline", row, 5, || {
        let marks: String = row.get(2)?;
        let words: BTreeMap<String, String> =
            serde_json::from_str(&marks).map_err(|_| StoreError::corrupt("baseline marks"))?;
        let mark = |word: &str| match word {
            "known" => Ok(Mark::Known),
            "not-applicable" => Ok(Mark::NotApplicable),
            // Read as known, it would silence a sign that nobody marked.
            _ => Err(StoreError::corrupt("baseline mark")),
        };
        let marks = words.into_iter().map(|(item, word)| Ok((item, mark(&word)?)));
        Ok(BaselineRow {
            version: ChecklistVersionId(row.get(0)?),
            answers: row.get(1)?,
            marks: marks.collect::<Result<_, StoreError>>()?,
            confirmed_by: row.get(3)?,
            confirmed_on: date(&row.get::<_, String>(4)?)?,
        })
    })
}
