//! Filled-in forms: one row a form, found again by its nonce; answers as JSON of field and word. A form that comes again with
//! other answers after it was submitted is a row of its own, under the same nonce and the next revision.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use super::checklists::ChecklistVersionId;
use super::replaced_answer::{self, ReplacedAnswer};
use crate::care::patient::{PatientId, ProxyId};
use crate::care::triage::case::FormStage;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::tier::{Code, Tier};
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::columns::{self, date, instant};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::{FollowUp, FollowUpId};
use crate::store::subject::Subject;

/// Row identity of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResponseId(pub i64);

impl From<ResponseId> for Subject {
    fn from(id: ResponseId) -> Self {
        Self::Response(id.0)
    }
}

/// Who filled the form in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Respondent {
    /// The patient filled it in herself.
    Myself,
    /// Someone who cares for her.
    Carer,
    /// The machine that walks the chain every day.
    Canary,
}

impl Respondent {
    /// The word in forms, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Myself => "self",
            Self::Carer => "carer",
            Self::Canary => "canary",
        }
    }

    /// The respondent of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Myself, Self::Carer, Self::Canary].into_iter().find(|w| w.word() == word)
    }
}

/// A form as it is written down. Debug leaves the answers out (P10).
#[derive(Clone)]
pub struct Response {
    /// Its row; 0 in a form that is not written down yet.
    pub id: ResponseId,
    /// The patient whose link it came through.
    pub patient: PatientId,
    /// The follow-up it answers; `None` for "something changed".
    pub follow_up: Option<FollowUpId>,
    /// The link it came through; every page that is sent has one.
    pub link: Option<i64>,
    /// The checklist it was asked under.
    pub version: ChecklistVersionId,
    /// Who filled it in.
    pub who: Respondent,
    /// Who acted for her then, where it was not she who filled it in.
    pub proxy: Option<ProxyId>,
    /// What came with the form and makes a double submit one response.
    pub nonce: String,
    /// How often it had been submitted before, with other answers.
    pub revision: u32,
    /// Whether it was submitted, or pages were saved.
    pub stage: FormStage,
    /// How many pages were saved.
    pub pages: u32,
    /// Whether they came faster than a person reads: perhaps a machine filled them in.
    pub hurried: bool,
    /// Field and word, as JSON.
    pub answers: String,
    /// What stood in a field before a later page of the form changed it.
    pub replaced: Vec<ReplacedAnswer>,
    /// Who judged answers when it came.
    pub mode: JudgingMode,
    /// When the first page came.
    pub began_at: Timestamp,
    /// When the last page came.
    pub answered_at: Timestamp,
    /// The patient's civil day then.
    pub answered_on: Date,
    /// When a verdict on it was last recorded; `None` before the first.
    pub judged_at: Option<Timestamp>,
    /// What they said at worst; `None` in education mode.
    pub tier: Option<Tier>,
    /// Every reason they ever gave.
    pub reasons: BTreeSet<Code>,
    /// The alert that was raised for it or that it joined; `None` while nothing in it worries.
    pub alert: Option<AlertId>,
    /// When its alert was closed or a baseline was confirmed after it; `None` before.
    pub reviewed_at: Option<Timestamp>,
}

/// The forms that came through one link since an instant.
#[derive(Debug, Clone, Copy)]
pub struct LinkForms {
    /// The patient whose link it is.
    pub patient: PatientId,
    /// The row of the link in question.
    pub link: i64,
    /// What was saved last at that instant or before is left out.
    pub since: Timestamp,
}

impl Response {
    /// Whether it was sent off as a whole.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.stage == FormStage::Submitted
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({})", self.id.0)
    }
}

pub(in crate::store) const COLUMNS: &str = "id, patient_id, follow_up_id, link_id, checklist_version_id, who, nonce, state, pages, answers, \
    mode, began_at, answered_at, answered_on, judged_at, tier, reasons, alert_id, reviewed_at, revision, proxy_id, replaced, hurried";

impl View<'_> {
    /// The newest revision of the form with that nonce.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn response_by_nonce(&self, nonce: &str) -> Result<Option<Response>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM response WHERE nonce = ? ORDER BY revision DESC LIMIT 1");
        self.one(&ask, [nonce], response)
    }

    /// The newest form that came through a link and was not submitted; one that perhaps a machine began only where there is no other.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn response_begun(&self, link: i64) -> Result<Option<Response>, StoreError> {
        Ok(self
            .responses("link_id = ?1 AND state = 'partial' ORDER BY hurried, id DESC LIMIT 1", link)?
            .pop())
    }

    /// The response in that row, submitted or not.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn response(&self, id: ResponseId) -> Result<Response, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM response WHERE id = ?");
        self.one(&ask, [id.0], response)?.ok_or_else(|| StoreError::not_found("response"))
    }

    /// A patient's responses, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn responses_of(&self, patient: PatientId) -> Result<Vec<Response>, StoreError> {
        self.responses("patient_id = ?1 ORDER BY answered_at DESC, id DESC", patient.0)
    }

    /// The responses an alert rings for, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn responses_of_alert(&self, alert: AlertId) -> Result<Vec<Response>, StoreError> {
        self.responses("alert_id = ?1 ORDER BY answered_at DESC, id DESC", alert.0)
    }

    /// Whether a form that asks what a follow-up asks was left half-way and rang: it came through that follow-up's link, or while
    /// its answer was awaited through another. What perhaps a machine filled in is not hers, and she is still asked.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn rang_half_way(&self, follow_up: &FollowUp, checklist: &str) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM response r JOIN checklist_version v ON v.id = r.checklist_version_id \
                   WHERE r.patient_id = ? AND r.state = 'partial' AND r.hurried = 0 AND r.alert_id IS NOT NULL AND v.checklist = ? \
                   AND (r.follow_up_id = ? OR r.follow_up_id IS NULL AND r.answered_on BETWEEN ? AND ?))";
        let (opens, closes) = (follow_up.owed.opens_on.to_string(), follow_up.owed.closes_on.to_string());
        let row = (follow_up.patient.0, checklist, follow_up.id.0, opens, closes);
        Ok(self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0))?)
    }

    /// Stored answers that no rule has seen yet (a restored or imported row), oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn responses_unjudged(&self) -> Result<Vec<Response>, StoreError> {
        self.responses("judged_at IS NULL AND id > ?1 ORDER BY id LIMIT 500", 0)
    }

    /// The forms before `than` that rang and that no clinician has looked at since, half-done ones included.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn responses_unlooked(&self, than: &Response) -> Result<Vec<Response>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM response WHERE patient_id = ? AND id <> ? AND answered_at <= ? \
             AND alert_id IS NOT NULL AND reviewed_at IS NULL ORDER BY answered_at"
        );
        let row = (than.patient.0, than.id.0, columns::millis(than.answered_at));
        let mut statement = self.sql.prepare_cached(&ask)?;
        statement.query_map(row, |r| Ok(response(r)))?.map(|row| row?).collect()
    }

    /// How many forms came through a link, each time that one was sent again with other answers counted, of those that no clinician
    /// has looked at.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn forms_through(&self, link: &LinkForms) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM response WHERE patient_id = ? AND answered_at > ? AND link_id = ? AND reviewed_at IS NULL";
        let row = (link.patient.0, columns::millis(link.since), link.link);
        Ok(self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0))?)
    }

    /// The newest of those that was asked under that version.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn newest_form_through(
        &self,
        link: &LinkForms,
        version: ChecklistVersionId,
    ) -> Result<Option<Response>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM response WHERE patient_id = ? AND answered_at > ? AND link_id = ? AND reviewed_at IS NULL \
             AND checklist_version_id = ? ORDER BY id DESC LIMIT 1"
        );
        let row = (link.patient.0, columns::millis(link.since), link.link, version.0);
        self.one(&ask, row, response)
    }

    /// The submitted form before `than`, by the time it was answered; not the same form as it was sent first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn response_before(&self, than: &Response) -> Result<Option<Response>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM response WHERE patient_id = ? AND nonce <> ? AND state = 'submitted' AND answered_at <= ? \
             ORDER BY answered_at DESC, id DESC LIMIT 1"
        );
        let row = (than.patient.0, &than.nonce, columns::millis(than.answered_at));
        self.one(&ask, row, response)
    }

    fn responses(&self, condition: &str, value: impl rusqlite::ToSql) -> Result<Vec<Response>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM response WHERE {condition}");
        self.readable(&ask, [value], response)
    }
}

pub(in crate::store) fn response(row: &Row<'_>) -> Result<Response, StoreError> {
    of_row("response", row, 0, || {
        let (who, mode): (String, String) = (row.get(5)?, row.get(10)?);
        let (tier, reasons): (Option<String>, String) = (row.get(15)?, row.get(16)?);
        let words: Vec<String> =
            serde_json::from_str(&reasons).map_err(|_| StoreError::corrupt("reasons"))?;
        let parsed = |word: &String| Code::parse(word).ok_or_else(|| StoreError::corrupt("reason"));
        let moment = |i: usize| -> Result<Option<Timestamp>, StoreError> {
            Ok(row.get::<_, Option<i64>>(i)?.map(instant))
        };
        Ok(Response {
            id: ResponseId(row.get(0)?),
            patient: PatientId(row.get(1)?),
            follow_up: row.get::<_, Option<i64>>(2)?.map(FollowUpId),
            link: row.get(3)?,
            version: ChecklistVersionId(row.get(4)?),
            who: Respondent::parse(&who).ok_or_else(|| StoreError::corrupt("who"))?,
            nonce: row.get(6)?,
            stage: FormStage::parse(&row.get::<_, String>(7)?)
                .ok_or_else(|| StoreError::corrupt("stage of a form"))?,
            pages: row.get(8)?,
            answers: row.get(9)?,
            mode: JudgingMode::parse(&mode).ok_or_else(|| StoreError::corrupt("mode"))?,
            began_at: instant(row.get(11)?),
            answered_at: instant(row.get(12)?),
            answered_on: date(&row.get::<_, String>(13)?)?,
            judged_at: moment(14)?,
            tier: tier.map(|t| Tier::parse(&t).ok_or_else(|| StoreError::corrupt("tier"))).transpose()?,
            reasons: words.iter().map(parsed).collect::<Result<_, _>>()?,
            alert: row.get::<_, Option<i64>>(17)?.map(AlertId),
            reviewed_at: moment(18)?,
            revision: row.get(19)?,
            proxy: row.get::<_, Option<i64>>(20)?.map(ProxyId),
            replaced: replaced_answer::parse(&row.get::<_, String>(21)?)?,
            hurried: row.get(22)?,
        })
    })
}
