//! `/c/TOKEN`: a GET shows, a POST saves a page and shows where to go. Every page is judged when it is saved.

use std::sync::Arc;

use axum::extract::{Extension, Form as Sent, Path};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::advice::{self, FormProgress};
use super::birth_date_check::{self, BirthForm};
use crate::care::checklist::answer::{Answers, Baseline};
use crate::care::checklist::definition::Checklist;
use crate::care::triage::case::FormStage;
use crate::care::triage::tier::Tier;
use crate::config::checklists::checklist::WordedChecklist as Words;
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::answers::advice::RespondOutcome;
use crate::journey::answers::link_access::{self, LinkRequest, LinkView, OpenForm, Proved};
use crate::journey::answers::new_link::new_link;
use crate::journey::answers::respond::{self, Saved, SavedPage, SentPage};
use crate::journey::error::StepError;
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Who;
use crate::web::app_state::AppState;
use crate::web::html::PageFault;
use crate::web::public::form::FormView;
use crate::web::public::form_state::{Blanks, FieldWords, FormStep, is_ours, is_plain, of_address};
use crate::web::public::layout::shown;

type ChecklistState = Extension<Arc<AppState>>;

/// One visit: the rooms it sees, whose link, where in the form, when.
struct FormVisit {
    app: Arc<AppState>,
    token: String,
    step: FormStep,
    /// What the browser likes, for links that name nobody's language.
    greeting: String,
    now: Timestamp,
}

/// Shows the form, or why there is none.
pub(super) async fn look(
    Extension(app): ChecklistState,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match FormVisit::begin(app, (token, &of_address(&uri)), &headers) {
        Some(visit) => visit.look(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Takes what was sent.
pub(super) async fn send(
    Extension(app): ChecklistState,
    Path(token): Path<String>,
    headers: HeaderMap,
    Sent(fields): Sent<FieldWords>,
) -> Response {
    let Some(visit) = FormVisit::begin(app, (token, &fields), &headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let go = fields.iter().find(|(name, _)| name == "go").map_or("", |(_, word)| word.as_str());
    match go {
        "new-link" => visit.renew().await,
        "birth" => visit.prove(&fields).await,
        "start" => visit.start(),
        "next" | "skip" | "back" | "send" => visit.save(go.to_owned(), fields).await,
        _ => StatusCode::BAD_REQUEST.into_response(),
    }
}

impl FormVisit {
    fn begin(app: Arc<AppState>, asked: (String, &FieldWords), headers: &HeaderMap) -> Option<Self> {
        let (token, fields) = asked;
        // Only words that may stand in an address of ours can be a token of ours.
        if !is_plain(&token) {
            return None;
        }
        let step = FormStep::read(fields, &app.deps.clinic.key, &token);
        let (greeting, now) = (app.greet(None, headers), app.deps.clock.now());
        Some(Self { app, token, step, greeting, now })
    }

    fn open(&self) -> Result<LinkView, StepError> {
        let request = LinkRequest { token: &self.token, pass: self.step.pass.as_deref(), at: self.now };
        link_access::open(&self.app.deps.clinic, request)
    }

    fn look(mut self) -> Response {
        match self.open() {
            Err(fault) => birth_date_check::failed(&fault),
            Ok(LinkView::Birth(language)) => {
                let birth_form = if self.step.pass.is_some() { BirthForm::Ended } else { BirthForm::None };
                self.ask_birth(&language, birth_form)
            }
            Ok(LinkView::Shut(why, language)) => {
                let language = language.as_deref().unwrap_or(&self.greeting);
                birth_date_check::shut(&self.app, language, &self.token, why)
            }
            Ok(LinkView::Told(tier, language)) => {
                let standing = FormProgress::Before(format!("/c/{}", self.token));
                let told = RespondOutcome::Tier(tier);
                let body = advice::page(&self.app, &language, self.now, (told, &standing));
                shown(StatusCode::OK, &self.app.words(&language).language, body)
            }
            Ok(LinkView::Form(form)) => {
                self.take_up(&form);
                self.show(&form, &[])
            }
        }
    }

    fn ask_birth(&self, language: &str, birth_form: BirthForm) -> Response {
        birth_date_check::birth(&self.app, language, (&self.token, &self.step), birth_form)
    }

    /// Goes on with the form that was begun through this link, or begins one.
    fn take_up(&mut self, form: &OpenForm) {
        let (deps, begun) = (&self.app.deps, form.begun.as_ref());
        let ours = begun.map(|b| b.nonce.clone()).filter(|n| deps.clinic.key.made(&self.token, n));
        let step = FormStep { nonce: ours.or_else(|| self.step.nonce.clone()), ..self.step.clone() };
        self.step = step.with_nonce(&deps.clinic.key, &self.token, &*deps.entropy);
    }

    fn show(&self, form: &OpenForm, mistakes: &[(String, String)]) -> Response {
        let nothing = Answers::default();
        let answers = form.begun.as_ref().map_or(&nothing, |begun| &begun.answers);
        let Some((words, language)) = self.words(&form.checklist, &form.language) else {
            tracing::error!(version = form.checklist.version, "there are no words for this checklist");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let Some(wording) = words.words(&language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let known = (answers, form.baseline.as_ref(), form.door);
        let view = self.view((&language, wording), &form.checklist, known);
        let page = match (self.step.page.filter(|_| self.step.who.is_some()), &form.begun) {
            (Some(0), Some(begun)) => self.advice((begun.outcome, begun.pages), &language),
            (Some(page), _) if view.asks(page) => view.questions(page),
            (Some(page), _) if page > form.checklist.pages.len() => view.review(),
            // She left a form half-way that worries: first what to do, then the form.
            (None, Some(begun)) if self.returns() && begun.outcome.worries() => {
                self.advice((begun.outcome, begun.pages), &language)
            }
            // An alert of an earlier form is open: what it told her stands, whatever she answers next.
            (None, None) if self.returns() && form.standing.is_some() => {
                self.advice((RespondOutcome::Unsorted.at_least(form.standing), 0), &language)
            }
            _ => view.start(mistakes),
        };
        let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        shown(status, &language, page)
    }

    /// Opened again from the letter, not on the way through the form.
    fn returns(&self) -> bool {
        self.step.who.is_none() && self.step.blanks == Blanks::Quiet
    }

    fn advice(&self, (outcome, pages): (RespondOutcome, u32), language: &str) -> Result<String, PageFault> {
        let next = usize::try_from(pages).unwrap_or(0) + 1;
        let told = outcome == RespondOutcome::Tier(Tier::Emergency);
        let step = match self.step.who {
            Some(_) => FormStep { told, ..self.step.at(Some(next)) },
            // Who fills it in is asked again; naming the open question keeps this page from coming back.
            None => FormStep { told, blanks: Blanks::Named, ..self.step.clone() },
        };
        let standing = FormProgress::HalfWay(step.address(&self.token));
        advice::page(&self.app, language, self.now, (outcome, &standing))
    }

    /// The words of a checklist in the patient's language, which is the language of the whole page.
    fn words(&self, checklist: &Checklist, language: &str) -> Option<(Arc<Words>, String)> {
        let words = self.app.forms.of(checklist, &self.app.deps.clinic)?;
        let language = self.app.words(language).language.clone();
        words.words(&language)?;
        Some((words, language))
    }

    fn view<'a>(
        &'a self,
        words: (&'a str, &'a ChecklistWording),
        checklist: &'a Checklist,
        known: (&'a Answers, Option<&'a Baseline>, LinkPurpose),
    ) -> FormView<'a> {
        FormView {
            app: &self.app,
            token: &self.token,
            language: words.0,
            words: words.1,
            checklist,
            answers: known.0,
            baseline: known.1,
            step: &self.step,
            door: known.2,
        }
    }

    async fn renew(self) -> Response {
        let clinic = &self.app.deps.clinic;
        match new_link(clinic, self.now, self.token.clone()).await {
            Ok(_) => birth_date_check::asked(&self.app, &self.greeting),
            Err(fault) => birth_date_check::failed(&fault),
        }
    }

    async fn prove(self, fields: &FieldWords) -> Response {
        let Some(born) = birth_date_check::read_birth(fields) else {
            return match self.open() {
                Ok(LinkView::Birth(language)) => self.ask_birth(&language, BirthForm::Wrong),
                _ => self.look(),
            };
        };
        let clinic = &self.app.deps.clinic;
        match link_access::prove(clinic, self.now, self.token.clone(), born).await {
            Err(fault) => birth_date_check::failed(&fault),
            Ok(Proved::Pass(pass)) => {
                let step = FormStep { pass: Some(pass), ..self.step.clone() };
                Redirect::to(&step.address(&self.token)).into_response()
            }
            Ok(Proved::Wrong) => {
                let language = match self.open() {
                    Ok(LinkView::Birth(language)) => language,
                    _ => self.greeting.clone(),
                };
                self.ask_birth(&language, BirthForm::Wrong)
            }
            Ok(Proved::Shut(why)) => birth_date_check::shut(&self.app, &self.greeting, &self.token, why),
        }
    }

    /// Nothing is stored yet: who fills it in goes along to the first page.
    fn start(mut self) -> Response {
        match self.open() {
            Ok(LinkView::Form(form)) => {
                self.take_up(&form);
                self.step.page = None;
                if self.step.who.is_none() {
                    let text = self.app.words(&form.language).text("form.blank").to_owned();
                    return self.show(&form, &[("who-self".to_owned(), text)]);
                }
                let saved = form.begun.as_ref().map_or(0, |begun| usize::try_from(begun.pages).unwrap_or(0));
                Redirect::to(&self.step.at(Some(saved + 1)).address(&self.token)).into_response()
            }
            _ => self.look(),
        }
    }

    async fn save(self, go: String, fields: FieldWords) -> Response {
        let (Some(who), Some(nonce), Some(page)) = (self.step.who, self.step.nonce.clone(), self.step.page)
        else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let version =
            fields.iter().find(|(name, _)| name == "v").map(|(_, word)| word.clone()).unwrap_or_default();
        let fields: FieldWords = fields.into_iter().filter(|(name, _)| !is_ours(name)).collect();
        let sent = SentPage {
            token: self.token.clone(),
            pass: self.step.pass.clone(),
            nonce,
            version: version.clone(),
            who,
            number: u32::try_from(page.saturating_sub(1)).unwrap_or(0),
            stage: if go == "send" { FormStage::Submitted } else { FormStage::Saved },
            fields: fields.clone(),
        };
        match respond::respond(&self.app.deps.clinic, self.now, sent).await {
            Ok(Saved::Kept(kept)) => self.go_on(&kept, (page, &go)),
            Ok(Saved::Birth(language)) => self.ask_birth(&language, BirthForm::Ended),
            Ok(Saved::Shut(why)) => birth_date_check::shut(&self.app, &self.greeting, &self.token, why),
            Err(fault) => {
                tracing::error!(%fault, "a page of a form could not be stored");
                self.unsaved(&version, fields)
            }
        }
    }

    fn go_on(&self, kept: &SavedPage, at: (usize, &str)) -> Response {
        let (page, go) = at;
        let Some((words, language)) = self.words(&kept.checklist, &kept.language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        if kept.stage == FormStage::Submitted {
            let body = advice::page(&self.app, &language, self.now, (kept.outcome, &FormProgress::Sent));
            return shown(StatusCode::OK, &language, body);
        }
        let Some(wording) = words.words(&language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        // What does not apply to her is not asked, so its blank is no gap.
        let form = match self.open() {
            Ok(LinkView::Form(form)) => Some(form),
            _ => None,
        };
        let baseline = form.as_ref().and_then(|form| form.baseline.as_ref());
        let view =
            self.view((&language, wording), &kept.checklist, (&kept.answers, baseline, LinkPurpose::Changed));
        let step = match go {
            _ if kept.outcome == RespondOutcome::Tier(Tier::Emergency) && !self.step.told => {
                self.step.at(Some(0))
            }
            "back" => FormStep {
                who: self.step.who.filter(|_| view.before(page).is_some()),
                ..self.step.at(view.before(page))
            },
            "next" if !view.open(page).is_empty() => {
                FormStep { blanks: Blanks::Named, ..self.step.at(Some(page)) }
            }
            _ => self.step.at(Some(view.after(page))),
        };
        Redirect::to(&step.address(&self.token)).into_response()
    }

    /// Nothing could be stored: she is told what to do all the same, from what the form holds (P5).
    fn unsaved(&self, version: &str, fields: FieldWords) -> Response {
        let clinic = &self.app.deps.clinic;
        let Some(words) = self.app.forms.published((&clinic.care.standard, version), clinic) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let (mut known, mut language, mut standing) = (FieldWords::new(), self.greeting.clone(), None);
        if let Ok(LinkView::Form(form)) = self.open() {
            standing = form.standing;
            known =
                form.begun.iter().flat_map(|b| b.answers.words()).map(|(f, w)| (f.to_owned(), w)).collect();
            language = form.language;
        }
        known.retain(|(field, _)| !fields.iter().any(|(name, _)| name == field));
        known.extend(fields);
        let page = SentPage {
            token: String::new(),
            pass: None,
            nonce: String::new(),
            version: String::new(),
            who: Who::Myself,
            number: 0,
            stage: FormStage::Saved,
            fields: known,
        };
        let outcome = respond::advise(clinic, &words.checklist, &page).at_least(standing);
        let language = self.app.words(&language).language.clone();
        let body = advice::page(&self.app, &language, self.now, (outcome, &FormProgress::Unsaved));
        shown(StatusCode::SERVICE_UNAVAILABLE, &language, body)
    }
}
