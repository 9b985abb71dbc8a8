//! Filled-in forms as they are written: a new row, a further page, a verdict, a review.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::checklists::ChecklistVersionId;
use super::replaced_answer::{self, PageChange};
use super::responses::{Respondent, Response, ResponseId};
use crate::care::patient::{PatientId, ProxyId};
use crate::care::triage::case::FormStage;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::columns;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;

/// A form that is not stored yet: its first page, or the first that came after it was submitted. No Debug: it holds answers.
pub struct NewResponse {
    /// The patient whose form it is.
    pub patient: PatientId,
    /// The follow-up it answers; `None` for "something changed".
    pub follow_up: Option<FollowUpId>,
    /// The link it came through.
    pub link: Option<i64>,
    /// The checklist it was asked under.
    pub version: ChecklistVersionId,
    /// What came with the form and makes a double submit one response.
    pub nonce: String,
    /// How often it had been submitted before, with other answers.
    pub revision: u32,
    /// Who judges answers now.
    pub mode: JudgingMode,
    /// What the page says.
    pub page: ResponsePage,
}

/// What every page of a form writes. No Debug: it holds answers.
pub struct ResponsePage {
    /// Who filled it in.
    pub who: Respondent,
    /// Who acts for her, where it was not she who filled it in.
    pub proxy: Option<ProxyId>,
    /// Whether it submits the form.
    pub stage: FormStage,
    /// How many pages are saved with it.
    pub pages: u32,
    /// Field and word of all pages up to it, as JSON.
    pub answers: String,
    /// The patient's civil day.
    pub answered_on: Date,
    /// Whether it came faster than a person reads.
    pub hurried: bool,
}

impl NewResponse {
    /// A form that was sent before and comes once more, as a response of its own.
    #[must_use]
    pub fn again(sent: Response, mode: JudgingMode, page: ResponsePage) -> Self {
        Self {
            patient: sent.patient,
            follow_up: sent.follow_up,
            link: sent.link,
            version: sent.version,
            nonce: sent.nonce,
            revision: sent.revision.saturating_add(1),
            mode,
            page,
        }
    }
}

impl Tx<'_> {
    /// Writes a new form down and gives it as it stands.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when that revision of the nonce is taken.
    pub fn insert_response(&mut self, new: NewResponse) -> Result<Response, StoreError> {
        let insert = "INSERT INTO response (patient_id, follow_up_id, link_id, checklist_version_id, who, nonce, revision, state, \
                      pages, answers, mode, began_at, answered_at, answered_on, proxy_id, hurried) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let (at, page) = (self.at_ms(), &new.page);
        self.sql.prepare_cached(insert)?.execute((
            new.patient.0,
            new.follow_up.map(|f| f.0),
            new.link,
            new.version.0,
            page.who.word(),
            &new.nonce,
            new.revision,
            page.stage.word(),
            page.pages,
            &page.answers,
            new.mode.word(),
            at,
            at,
            page.answered_on.to_string(),
            page.proxy.map(|proxy| proxy.0),
            page.hurried,
        ))?;
        Ok(stored(ResponseId(self.sql.last_insert_rowid()), new, self.at()))
    }

    /// Writes a further page of a form down. One that was submitted stays so.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when it does not stand as it was read.
    pub fn update_response(&mut self, response: &mut Response, page: ResponsePage) -> Result<(), StoreError> {
        let update = "UPDATE response SET state = ?, pages = ?, answers = ?, who = ?, answered_at = ?, answered_on = ?, proxy_id = ?, replaced = ?, hurried = ? \
                      WHERE id = ? AND state = ?";
        let page = ResponsePage { stage: page.stage.max(response.stage), ..page };
        let mut replaced = std::mem::take(&mut response.replaced);
        let change = PageChange { before: &response.answers, next: &page.answers };
        replaced_answer::keep(&mut replaced, response.answered_at, &change);
        let changed = self.sql.prepare_cached(update)?.execute((
            page.stage.word(),
            page.pages,
            &page.answers,
            page.who.word(),
            self.at_ms(),
            page.answered_on.to_string(),
            page.proxy.map(|proxy| proxy.0),
            replaced_answer::written(&replaced),
            page.hurried,
            response.id.0,
            response.stage.word(),
        ))?;
        if changed != 1 {
            return Err(StoreError::conflict("that form stands otherwise by now"));
        }
        let ResponsePage { who, proxy, stage, pages, answers, answered_on, hurried } = page;
        let answered_at = self.at();
        *response = Response {
            who,
            proxy,
            stage,
            pages,
            hurried,
            answers,
            replaced,
            answered_on,
            answered_at,
            ..response.clone()
        };
        Ok(())
    }

    /// Writes the verdict down: who judged, the tier it stands at, every reason, the alert that rings for it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn judge_response(&mut self, judged: &Response) -> Result<(), StoreError> {
        let reasons: Vec<&str> = judged.reasons.iter().map(|code| code.word()).collect();
        let reasons = serde_json::json!(reasons).to_string();
        let update = "UPDATE response SET judged_at = ?, mode = ?, tier = ?, reasons = ?, alert_id = coalesce(?, alert_id) WHERE id = ?";
        let (mode, tier, alert) =
            (judged.mode.word(), judged.tier.map(Tier::word), judged.alert.map(|a| a.0));
        self.sql.prepare_cached(update)?.execute((self.at_ms(), mode, tier, reasons, alert, judged.id.0))?;
        Ok(())
    }

    /// Notes that a clinician has looked at how a patient stood: at every form of hers up to that instant.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn review_responses_until(&mut self, patient: PatientId, until: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE response SET reviewed_at = ? WHERE patient_id = ? AND answered_at <= ? AND reviewed_at IS NULL";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), patient.0, columns::millis(until)))?;
        Ok(())
    }

    /// Notes that a clinician has dealt with every response of an alert.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn review_responses(&mut self, alert: AlertId) -> Result<(), StoreError> {
        let update = "UPDATE response SET reviewed_at = ? WHERE alert_id = ? AND reviewed_at IS NULL";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), alert.0))?;
        Ok(())
    }
}

/// The row that was just written: not judged yet.
fn stored(id: ResponseId, new: NewResponse, at: Timestamp) -> Response {
    let NewResponse { patient, follow_up, link, version, nonce, revision, mode, page } = new;
    let ResponsePage { who, proxy, stage, pages, answers, answered_on, hurried } = page;
    Response {
        id,
        patient,
        follow_up,
        link,
        version,
        who,
        proxy,
        nonce,
        revision,
        stage,
        pages,
        hurried,
        answers,
        replaced: Vec::new(),
        mode,
        began_at: at,
        answered_at: at,
        answered_on,
        judged_at: None,
        tier: None,
        reasons: BTreeSet::new(),
        alert: None,
        reviewed_at: None,
    }
}
