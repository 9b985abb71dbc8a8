//! An answer comes back: a page was saved or the form submitted. The rules run on every save; the answer, its verdict and
//! its alert are one transaction (P5). Sent twice it is one response; with other answers, by Back or a second tab, it is a
//! further one, judged anew; another form is another response. Each is judged by the version it was asked under, and she is
//! never told less than what an open alert of hers tells her.

mod deadline;
mod form_limit;
mod mode_in_force;
mod page_moment;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::actor::Actor;
use crate::care::checklist::answer::{AnswerFault, Answers, PartialAnswers};
use crate::care::checklist::definition::Checklist;
use crate::care::patient::Patient;
use crate::care::triage::case::{Case, FormStage, History};
use crate::care::triage::judge::judge;
use crate::care::triage::tier::Tier;
use crate::journey::alert_policy::{self, NO_ANSWERS, TriageMode};
use crate::journey::answers::advice::{RespondOutcome, standing_advice};
use crate::journey::answers::completion;
use crate::journey::answers::form_in_progress::FormInProgress;
use crate::journey::answers::link_access::{self, ClosedLink, LinkRequest, LinkState, LinkUse, OwnedLink};
use crate::journey::answers::respond::page_moment::PageMoment;
use crate::journey::answers::verdict::verdict;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::response_update::{NewResponse, ResponsePage};
use crate::store::answers::responses::{Respondent, Response, ResponseId};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

#[cfg(test)]
mod tests;

/// One page as the visitor sent it. No Debug: it holds answers.
pub struct SentPage {
    /// The token of the link, as it stands in the address.
    pub token: String,
    /// What proves the birth-date check, if it was asked for.
    pub pass: Option<String>,
    /// What came with the form: 16 to 64 letters, digits, `-` or `_`, drawn at random when the form was shown.
    pub nonce: String,
    /// The version of the checklist that the form was made from.
    pub version: String,
    /// Who filled it in.
    pub who: Respondent,
    /// Fields of the form and what stood in each, as they came over the wire.
    pub fields: Vec<(String, String)>,
    /// Which page it is, from 0.
    pub number: u32,
    /// Whether the form is finished.
    pub stage: FormStage,
}

/// A stored page that is about to be judged.
struct JudgedPage<'a> {
    /// The answers that were judged before it, as JSON.
    before: &'a str,
    /// What it says with the pages before it, and what could not be read.
    reading: PartialAnswers,
}

/// What became of a page.
pub enum Saved {
    /// It is stored and judged.
    Kept(Box<SavedPage>),
    /// First the birth date, in this language.
    Birth(String),
    /// The link stays shut, or the form is not one of ours: nothing was stored.
    Shut(ClosedLink),
}

/// A stored and judged page: all that the next page shows.
pub struct SavedPage {
    /// The response as it is stored now.
    pub response: ResponseId,
    /// The language of the pages.
    pub language: String,
    /// The version of the checklist that the form asks from.
    pub checklist: Arc<Checklist>,
    /// Everything answered so far.
    pub answers: Answers,
    /// When these answers came in.
    pub answered_at: Timestamp,
    /// How many pages were saved.
    pub pages: u32,
    /// Whether the form is finished.
    pub stage: FormStage,
    /// What the visitor is told to do; never less than before.
    pub outcome: RespondOutcome,
    /// What could not be read on this page.
    pub faults: Vec<AnswerFault>,
    /// Whether somebody must be told now.
    pub rings: bool,
}

/// Stores and judges a page, and rings for it at once if it worries.
///
/// # Errors
/// [`StepError`] when the store fails or the version was never published; then nothing is stored, and the page shows
/// what [`advise`] says. The same when the store does not answer in time; then it may be stored later.
pub async fn respond(clinic: &Deps, now: Timestamp, page: SentPage) -> Result<Saved, StepError> {
    let clinic = clinic.clone();
    deadline::in_time(async move {
        let (steps, stamp) = (clinic.clone(), Stamp { at: now, actor: Actor::Patient });
        let saved = clinic.store.write(stamp, move |tx| save(tx, &page, &steps)).await?;
        if matches!(&saved, Saved::Kept(kept) if kept.rings) {
            clinic.bells.alerts.notify_one();
        }
        Ok(saved)
    })
    .await
}

/// What a visitor is told when nothing can be stored: judged without history, in the same words.
#[must_use]
pub fn advise(clinic: &Deps, checklist: &Checklist, page: &SentPage) -> RespondOutcome {
    if clinic.care.mode == TriageMode::Education {
        return RespondOutcome::Unsorted;
    }
    let fields = page.fields.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let answers = Answers::read(checklist, fields).answers;
    let history = History::default();
    let case = Case { answers: &answers, stage: page.stage, answered_on: Date::MIN, history: &history };
    RespondOutcome::Tier(judge(checklist, &case).tier)
}

/// [`respond`] inside a transaction of the caller's.
///
/// # Errors
/// As [`respond`].
pub fn save(tx: &mut Tx<'_>, page: &SentPage, clinic: &Deps) -> Result<Saved, StepError> {
    let request = LinkRequest { token: &page.token, pass: page.pass.as_deref(), at: tx.at() };
    let owned = match link_access::access(tx, request, LinkUse::Send, clinic)? {
        LinkState::Open(owned) => owned,
        LinkState::Birth(owned) => return Ok(Saved::Birth(owned.patient.letter_language().to_owned())),
        LinkState::Shut(shut, owner) => {
            link_access::note_dead(tx, shut, owner)?;
            return Ok(Saved::Shut(shut));
        }
    };
    if owned.link.purpose == LinkPurpose::OptOut || !page_moment::is_nonce(&page.nonce) {
        return Ok(Saved::Shut(ClosedLink::Forged));
    }
    match tx.response_by_nonce(&page.nonce)? {
        Some(other) if other.link != Some(owned.link.id) => Ok(Saved::Shut(ClosedLink::Forged)),
        Some(response) => {
            let checklist = clinic.care.checklists.get(tx, response.version)?;
            further(tx, page, FormInProgress { response, checklist, patient: owned.patient }, clinic)
        }
        None => first(tx, page, owned, clinic),
    }
}

/// How far the form got with this page. What came faster than a person reads is kept and judged, and sends no form off: whoever
/// is there is shown the answers once more.
fn stage(page: &SentPage, at: Timestamp) -> FormStage {
    if page_moment::is_hurried(at, &page.nonce, page.number) { FormStage::Saved } else { page.stage }
}

/// The same form once more: it shows what it showed, and changes nothing.
fn again(tx: &Tx<'_>, form: FormInProgress) -> Result<Saved, StepError> {
    let FormInProgress { response: done, checklist, patient } = form;
    let answers = alert_policy::read(&checklist, &done.answers)?;
    Ok(Saved::Kept(Box::new(SavedPage {
        response: done.id,
        language: patient.letter_language().to_owned(),
        answers,
        checklist,
        answered_at: done.answered_at,
        pages: done.pages,
        stage: FormStage::Submitted,
        outcome: told(tx, &done)?,
        faults: Vec::new(),
        rings: false,
    })))
}

/// The first page of a form: a new response.
fn first(tx: &mut Tx<'_>, page: &SentPage, owned: OwnedLink, clinic: &Deps) -> Result<Saved, StepError> {
    let OwnedLink { link, patient } = owned;
    let name = link_access::checklist_name(tx, &link, clinic)?;
    let version = tx.checklist_version_id(&name, &page.version)?.ok_or(ContentError::Checklist(name))?;
    let checklist = clinic.care.checklists.get(tx, version)?;
    let mode = clinic.care.mode.judging();
    let next = form_limit::NextForm { patient: patient.id, link: link.id, version, mode };
    if let Some(response) = form_limit::joins(tx, &next)? {
        return join(tx, page, FormInProgress { response, checklist, patient }, clinic);
    }
    let reading = read(page, &checklist, NO_ANSWERS)?;
    let response = tx.insert_response(NewResponse {
        patient: patient.id,
        follow_up: match link.purpose {
            LinkPurpose::Checklist(id) => Some(id),
            LinkPurpose::OptOut | LinkPurpose::Changed => None,
        },
        link: Some(link.id),
        version,
        nonce: page.nonce.clone(),
        revision: 0,
        mode,
        page: written(page, &reading.answers, page_moment::of(tx, &patient, clinic), &patient),
    })?;
    finish(
        tx,
        FormInProgress { response, checklist, patient },
        JudgedPage { before: NO_ANSWERS, reading },
        clinic,
    )
}

/// A form that is known: a further page of it, the same once more, or a further response with other answers.
fn further(
    tx: &mut Tx<'_>,
    page: &SentPage,
    mut form: FormInProgress,
    clinic: &Deps,
) -> Result<Saved, StepError> {
    if !form.response.is_sent() {
        return join(tx, page, form, clinic);
    }
    let before = form.response.answers.clone();
    let Ok(reading) = read(page, &form.checklist, &before) else { return beside(tx, page, form, clinic) };
    let mut next = written(page, &reading.answers, page_moment::of(tx, &form.patient, clinic), &form.patient);
    next.pages = next.pages.max(form.response.pages);
    if next.answers == before {
        return again(tx, form);
    }
    let (mode, version) = (clinic.care.mode.judging(), form.response.version);
    if let Some(link) = form.response.link
        && let Some(response) =
            form_limit::joins(tx, &form_limit::NextForm { patient: form.patient.id, link, version, mode })?
    {
        return join(tx, page, FormInProgress { response, ..form }, clinic);
    }
    form.response = tx.insert_response(NewResponse::again(form.response, mode, next))?;
    // Whatever was said before is in a response of its own: this one is judged as a whole.
    finish(tx, form, JudgedPage { before: NO_ANSWERS, reading }, clinic)
}

/// What comes after a form of which a part is torn off is a response of its own: what is left of it is for a person to read, and
/// nothing is written over it.
fn beside(
    tx: &mut Tx<'_>,
    page: &SentPage,
    mut form: FormInProgress,
    clinic: &Deps,
) -> Result<Saved, StepError> {
    tx.note_unread("response", form.response.id.0, "answers");
    let reading = read(page, &form.checklist, NO_ANSWERS)?;
    let next = written(page, &reading.answers, page_moment::of(tx, &form.patient, clinic), &form.patient);
    form.response =
        tx.insert_response(NewResponse::again(form.response, clinic.care.mode.judging(), next))?;
    finish(tx, form, JudgedPage { before: NO_ANSWERS, reading }, clinic)
}

/// A further page of a form: one that goes on with it, or one beyond the limit that it takes in.
fn join(
    tx: &mut Tx<'_>,
    page: &SentPage,
    mut form: FormInProgress,
    clinic: &Deps,
) -> Result<Saved, StepError> {
    let before = form.response.answers.clone();
    form.response.mode = mode_in_force::judges(&form.response, clinic);
    let Ok(reading) = read(page, &form.checklist, &before) else { return beside(tx, page, form, clinic) };
    let mut next = written(page, &reading.answers, page_moment::of(tx, &form.patient, clinic), &form.patient);
    next.pages = next.pages.max(form.response.pages);
    tx.update_response(&mut form.response, next)?;
    let mut saved = finish(tx, form, JudgedPage { before: &before, reading }, clinic)?;
    if let Saved::Kept(kept) = &mut saved {
        // Whoever goes on is shown the next page, whatever took this one in.
        kept.stage = stage(page, tx.at());
    }
    Ok(saved)
}

/// What a page says together with the pages before it.
fn read(page: &SentPage, checklist: &Checklist, before: &str) -> Result<PartialAnswers, StoreError> {
    let fields = page.fields.iter().map(|(field, word)| (field.as_str(), word.as_str()));
    let reading = Answers::read(checklist, fields);
    let mut answers = alert_policy::read(checklist, before)?;
    answers.merge(reading.answers, checklist);
    Ok(PartialAnswers { answers, ..reading })
}

fn written(page: &SentPage, answers: &Answers, now: PageMoment, patient: &Patient) -> ResponsePage {
    // Only where she does not answer herself; whoever helps her with a form of her own is none.
    let proxy = patient.proxy.as_ref().filter(|_| page.who == Respondent::Carer);
    ResponsePage {
        who: page.who,
        proxy: proxy.map(|proxy| proxy.id),
        stage: stage(page, now.at),
        pages: page.number.saturating_add(1),
        answers: alert_policy::written(answers),
        answered_on: now.on,
        hurried: page_moment::is_hurried(now.at, &page.nonce, page.number),
    }
}

/// Judges what is stored now, settles what a finished form settles, and says what the next page shows.
fn finish(
    tx: &mut Tx<'_>,
    mut form: FormInProgress,
    page: JudgedPage<'_>,
    clinic: &Deps,
) -> Result<Saved, StepError> {
    // Opened is not read.
    if let Some(link) = form.response.link.filter(|_| !form.response.hurried) {
        tx.note_opened(link)?;
    }
    let rings = verdict(tx, &mut form, page.before, clinic)?;
    let FormInProgress { response, checklist, patient } = form;
    let action = if response.is_sent() { AuditAction::ResponseSubmitted } else { AuditAction::ResponseSaved };
    let detail = serde_json::json!({ "pages": response.pages, "who": response.who.word(),
        "version": checklist.version, "tier": response.tier.map(Tier::word) });
    tx.audit(action, response.id, &detail)?;
    if response.is_sent() {
        completion::settle(tx, &response, &patient, clinic)?;
    } else if rings {
        completion::end_silence(tx, &patient)?;
    }
    Ok(Saved::Kept(Box::new(SavedPage {
        response: response.id,
        language: patient.letter_language().to_owned(),
        checklist,
        answers: page.reading.answers,
        answered_at: response.answered_at,
        pages: response.pages,
        stage: response.stage,
        outcome: told(tx, &response)?,
        faults: page.reading.faults,
        rings,
    })))
}

/// What she is told: what this form stands at, and never less than what an open alert of hers tells her to do.
pub(in crate::journey::answers) fn told(
    tx: &Tx<'_>,
    response: &Response,
) -> Result<RespondOutcome, StepError> {
    Ok(RespondOutcome::of(response).at_least(standing_advice(tx, response.patient)?))
}
