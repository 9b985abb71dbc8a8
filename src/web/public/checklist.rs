//! `/c/TOKEN`: a GET shows, a POST saves a page and shows where to go. Every page is judged when it is saved.

use std::sync::Arc;

use axum::extract::{Extension, Form as Sent, Path};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use crate::care::triage::case::FormStage;
use crate::care::triage::tier::Tier;
use crate::journey::answers::advice::RespondOutcome;
use crate::journey::answers::link_access::birth_date::{self, Proved};
use crate::journey::answers::link_access::{ClosedLink, LinkView};
use crate::journey::answers::new_link::new_link;
use crate::journey::answers::respond::{self, Saved, SavedPage, SentPage};
use crate::store::answers::links::LinkPurpose;
use crate::store::answers::responses::Respondent;
use crate::web::app_state::AppState;
use crate::web::public::advice::{AdviceContent, FormProgress};
use crate::web::public::birth_date_check::{self, BirthQuestion};
use crate::web::public::birth_date_cookie;
use crate::web::public::form::FormContent;
use crate::web::public::form_state::{Blanks, FieldWords, FormStep, is_reserved_field, query_fields};
use crate::web::public::form_visit::FormVisit;
use crate::web::public::layout::html_response;

/// What the button of another language begins with; its code follows.
const SWITCH: &str = "lang-";

type ChecklistState = Extension<Arc<AppState>>;

/// Shows the form, or why there is none.
pub(super) async fn show(
    Extension(app): ChecklistState,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match FormVisit::begin(&app, token, &query_fields(&uri), &headers) {
        Some(visit) => visit.respond(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Takes what was sent.
pub(super) async fn submit(
    Extension(app): ChecklistState,
    Path(token): Path<String>,
    headers: HeaderMap,
    Sent(fields): Sent<FieldWords>,
) -> Response {
    let Some(visit) = FormVisit::begin(&app, token, &fields, &headers) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let go = fields.iter().find(|(name, _)| name == "go").map_or("", |(_, word)| word.as_str());
    match go {
        "new-link" => visit.request_new_link().await,
        "birth" => visit.check_birth_date(&fields).await,
        "start" => visit.start(),
        // Somebody reads on in another language: what stands on the page is saved first.
        other if other.starts_with(SWITCH) => {
            let code = other.trim_start_matches(SWITCH).to_owned();
            visit.switch(code, fields).await
        }
        other => match FormButton::parse(other) {
            Some(button) => visit.save(button, fields).await,
            None => StatusCode::BAD_REQUEST.into_response(),
        },
    }
}

/// The button with which a page of a form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormButton {
    Next,
    Skip,
    Back,
    Send,
    /// Another language, of the same page.
    Stay,
}

impl FormButton {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "next" => Some(Self::Next),
            "skip" => Some(Self::Skip),
            "back" => Some(Self::Back),
            "send" => Some(Self::Send),
            _ => None,
        }
    }
}

impl FormVisit {
    async fn request_new_link(self) -> Response {
        // Only a page of ours brings the nonce: another site, or a program with nothing but the address, sends no letters.
        if self.step.nonce.is_none() {
            return self.respond();
        }
        let clinic = &self.app.deps.clinic;
        match new_link(clinic, self.now, self.token.clone()).await {
            Ok(_) => birth_date_check::new_link_requested(&self.app, &self.language()),
            Err(fault) => birth_date_check::unavailable(&fault),
        }
    }

    async fn check_birth_date(self, fields: &FieldWords) -> Response {
        // A date that comes from no page of ours is no try.
        if self.step.nonce.is_none() {
            return self.respond();
        }
        let born = match birth_date_check::read_birth(fields, self.now) {
            Ok(born) => born,
            Err(fault) => {
                return match self.open() {
                    Ok(LinkView::Birth(language)) => {
                        self.ask_birth(&language, BirthQuestion::Unreadable(fault), fields)
                    }
                    _ => self.respond(),
                };
            }
        };
        let clinic = &self.app.deps.clinic;
        match birth_date::prove(clinic, self.now, self.token.clone(), born).await {
            Err(fault) => birth_date_check::unavailable(&fault),
            Ok(Proved::Pass(pass)) => {
                let step = FormStep { proved: true, ..self.step.clone() };
                let response = Redirect::to(&step.address(&self.token)).into_response();
                let url = clinic.policy.public_url.as_deref();
                birth_date_cookie::with_pass(response, &self.token, pass, url)
            }
            Ok(Proved::NotAsked) => self.respond(),
            Ok(Proved::Wrong { left }) => {
                let language = match self.open() {
                    Ok(LinkView::Birth(language)) => language,
                    _ => self.browser_language.clone(),
                };
                self.ask_birth(&language, BirthQuestion::Wrong { left }, fields)
            }
            Ok(Proved::Shut(why)) => self.shut(why),
        }
    }

    /// The link opens nothing any more: in her language as long as the link tells it, like a page that was looked at.
    fn shut(&self, why: ClosedLink) -> Response {
        let language = match self.open() {
            Ok(LinkView::Shut(_, Some(language))) => self.chosen(&language).to_owned(),
            _ => self.browser_language.clone(),
        };
        self.closed(why, &language)
    }

    /// The same page in another language, with what is filled in.
    async fn switch(mut self, code: String, fields: FieldWords) -> Response {
        self.step.language = Some(code).filter(|code| self.app.speaks(code));
        match self.step.page {
            Some(page) if page > 0 && self.step.who.is_some() && self.step.nonce.is_some() => {
                self.save(FormButton::Stay, fields).await
            }
            _ => Redirect::to(&self.step.address(&self.token)).into_response(),
        }
    }

    /// Nothing is stored yet: who fills it in goes along to the first page.
    fn start(mut self) -> Response {
        match self.open() {
            Ok(LinkView::Form(form)) => {
                self.resume(&form);
                self.step.page = None;
                if self.step.who.is_none() {
                    let texts = self.app.words(self.chosen(&form.language));
                    let text = format!("{} {}", texts.text("form.who"), texts.text("form.blank"));
                    return self.show_form(&form, &[("who-self".to_owned(), text)]);
                }
                let saved = form.begun.as_ref().map_or(0, |begun| usize::try_from(begun.pages).unwrap_or(0));
                Redirect::to(&self.step.at(Some(saved + 1)).address(&self.token)).into_response()
            }
            _ => self.respond(),
        }
    }

    async fn save(self, button: FormButton, fields: FieldWords) -> Response {
        let (Some(who), Some(nonce), Some(page)) = (self.step.who, self.step.nonce.clone(), self.step.page)
        else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        let version =
            fields.iter().find(|(name, _)| name == "v").map(|(_, word)| word.clone()).unwrap_or_default();
        let fields: FieldWords = fields.into_iter().filter(|(name, _)| !is_reserved_field(name)).collect();
        let sent = SentPage {
            token: self.token.clone(),
            pass: self.step.birth_date_token.clone(),
            nonce,
            version: version.clone(),
            who,
            number: u32::try_from(page.saturating_sub(1)).unwrap_or(0),
            stage: if button == FormButton::Send { FormStage::Submitted } else { FormStage::Saved },
            fields: fields.clone(),
        };
        let left_open = button == FormButton::Send && self.leaves_open();
        match respond::respond(&self.app.deps.clinic, self.now, sent).await {
            Ok(Saved::Kept(kept)) if kept.stage == FormStage::Submitted => {
                let (outcome, answered_at) = (kept.outcome, Some(kept.answered_at));
                let told = AdviceContent { outcome, progress: FormProgress::Sent, answered_at, left_open };
                self.after_form(&kept, told)
            }
            Ok(Saved::Kept(kept)) => self.after_save(&kept, page, button),
            Ok(Saved::Birth(language)) => self.ask_birth(&language, self.birth_question(), &[]),
            Ok(Saved::Shut(why)) => self.shut(why),
            Err(fault) => {
                tracing::error!(%fault, "a page of a form could not be stored");
                self.unsaved(&version, fields)
            }
        }
    }

    /// Whether a question that needs an answer has none in the form that is about to be sent off.
    fn leaves_open(&self) -> bool {
        let Ok(LinkView::Form(form)) = self.open() else { return false };
        let begun = form.begun.as_ref();
        begun.is_some_and(|begun| !form.checklist.blanks(&begun.answers, form.baseline.as_ref()).is_empty())
    }

    /// What she is told once the whole form is stored.
    fn after_form(&self, kept: &SavedPage, told: AdviceContent) -> Response {
        let Some((_, language)) = self.words(&kept.checklist, &kept.language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        html_response(StatusCode::OK, &language, self.advice(told, &language))
    }

    fn after_save(&self, kept: &SavedPage, page: usize, button: FormButton) -> Response {
        let Some((words, language)) = self.words(&kept.checklist, &kept.language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let Some(wording) = words.words(&language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        // What does not apply to her is not asked, so its blank is no gap.
        let form = match self.open() {
            Ok(LinkView::Form(form)) => Some(form),
            _ => None,
        };
        let baseline = form.as_ref().and_then(|form| form.baseline.as_ref());
        let view = self.view(
            &language,
            wording,
            FormContent {
                checklist: &kept.checklist,
                answers: &kept.answers,
                baseline,
                purpose: LinkPurpose::Changed,
                acted_for: false,
            },
        );
        let step = match button {
            _ if kept.outcome == RespondOutcome::Tier(Tier::Emergency) && !self.step.told => {
                self.step.at(Some(0))
            }
            FormButton::Stay => self.step.at(Some(page)),
            FormButton::Back => FormStep {
                who: self.step.who.filter(|_| view.before(page).is_some()),
                ..self.step.at(view.before(page))
            },
            FormButton::Next if !view.open(page).is_empty() || !view.contradicted(page).is_empty() => {
                FormStep { blanks: Blanks::Named, ..self.step.at(Some(page)) }
            }
            _ => self.step.at(Some(view.after(page))),
        };
        Redirect::to(&step.address(&self.token)).into_response()
    }

    /// Nothing could be stored: she is told what to do all the same, from what the form holds (P5).
    fn unsaved(&self, version: &str, fields: FieldWords) -> Response {
        let clinic = &self.app.deps.clinic;
        let Some(words) = self.app.checklists.published(&clinic.care.standard, version, clinic) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let (mut known, mut language, mut standing) =
            (FieldWords::new(), self.browser_language.clone(), None);
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
            who: Respondent::Myself,
            number: 0,
            stage: FormStage::Saved,
            fields: known,
        };
        let outcome = respond::advise(clinic, &words.checklist, &page).at_least(standing);
        let language = self.app.words(self.chosen(&language)).language.clone();
        let told =
            AdviceContent { outcome, progress: FormProgress::Unsaved, answered_at: None, left_open: false };
        let body = self.advice(told, &language);
        html_response(StatusCode::SERVICE_UNAVAILABLE, &language, body)
    }
}
