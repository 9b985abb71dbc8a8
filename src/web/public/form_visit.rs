//! One visit to a form: what its link opens, and the page that shows it.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use crate::care::checklist::answer::Answers;
use crate::care::checklist::definition::Checklist;
use crate::care::triage::tier::Tier;
use crate::config::checklists::checklist::WordedChecklist;
use crate::config::checklists::wording::ChecklistWording;
use crate::journey::answers::advice::RespondOutcome;
use crate::journey::answers::link_access::{self, Begun, ClosedLink, LinkRequest, LinkView, OpenForm};
use crate::journey::answers::link_owner;
use crate::journey::errors::step::StepError;
use crate::web::app_state::AppState;
use crate::web::html::PageFault;
use crate::web::public::advice::{self, Advice, AdviceContent, FormProgress};
use crate::web::public::birth_date_check::{self, BirthForm, BirthQuestion, ClosedPage};
use crate::web::public::birth_date_cookie;
use crate::web::public::form::{FormContent, FormView};
use crate::web::public::form_state::{Blanks, FieldWords, FormStep, is_token_text};
use crate::web::public::layout::html_response;
use crate::web::public::reader_pages::ReaderPages;

/// One request for a form: the state it works with, whose link, where in the form, when.
pub(super) struct FormVisit {
    pub(super) app: ReaderPages,
    pub(super) token: String,
    pub(super) step: FormStep,
    /// What the browser asks for, for links that name nobody's language.
    pub(super) browser_language: String,
    pub(super) now: Timestamp,
}

impl FormVisit {
    pub(super) fn begin(
        app: &Arc<AppState>,
        token: String,
        fields: &FieldWords,
        headers: &HeaderMap,
    ) -> Option<Self> {
        // Only words that may stand in an address of ours can be a token of ours.
        if !is_token_text(&token) {
            return None;
        }
        let mut step = FormStep::read(fields, &app.deps.clinic.key, &token);
        step.language = step.language.filter(|code| app.speaks(code));
        step.birth_date_token = birth_date_cookie::read(headers);
        let browser_language = app.negotiate_language(step.language.as_deref(), headers);
        let now = app.deps.clock.now();
        let app = ReaderPages::new(Arc::clone(app), link_owner::country_of(&app.deps.clinic, &token));
        Some(Self { app, token, step, browser_language, now })
    }

    pub(super) fn open(&self) -> Result<LinkView, StepError> {
        let pass = self.step.birth_date_token.as_deref();
        let request = LinkRequest { token: &self.token, pass, at: self.now };
        let mut view = link_access::open(&self.app.deps.clinic, request)?;
        if let LinkView::Form(form) = &mut view {
            // What perhaps a machine filled in is nobody's beginning but that of the browser it came from.
            let is_hers = |begun: &Begun| !begun.hurried || self.step.nonce.as_ref() == Some(&begun.nonce);
            form.begun = form.begun.take().filter(is_hers);
        }
        Ok(view)
    }

    /// The language chosen on the page; else that of whoever the link was made for; else what the browser asks for.
    pub(super) fn language(&self) -> String {
        let hers = link_owner::language_of(&self.app.deps.clinic, &self.token);
        hers.map_or_else(|| self.browser_language.clone(), |hers| self.chosen(&hers).to_owned())
    }

    /// The language chosen on the page, else hers.
    pub(super) fn chosen<'a>(&'a self, hers: &'a str) -> &'a str {
        self.step.language.as_deref().unwrap_or(hers)
    }

    /// The step with a nonce of this link, for a form that must come back with one.
    pub(super) fn marked(&self) -> FormStep {
        self.step.clone().with_nonce(|| self.nonce())
    }

    /// A new nonce for a page of this link that is shown now.
    fn nonce(&self) -> String {
        let deps = &self.app.deps;
        deps.clinic.key.nonce_at(&self.token, self.now, &*deps.entropy)
    }

    /// Why the birth date is asked for now.
    pub(super) fn birth_question(&self) -> BirthQuestion {
        match (&self.step.birth_date_token, self.step.proved) {
            (Some(_), _) => BirthQuestion::Ended,
            (None, true) => BirthQuestion::NotKept,
            (None, false) => BirthQuestion::First,
        }
    }

    /// A link that opens nothing, and the way to a new one.
    pub(super) fn closed(&self, why: ClosedLink, language: &str) -> Response {
        let page = ClosedPage { token: &self.token, why, step: Some(&self.marked()) };
        // Nobody learns from its numbers whether a link was ever good.
        let of_nobody = matches!(why, ClosedLink::Forged | ClosedLink::Dead).then(|| self.app.of_nobody());
        birth_date_check::closed_link(of_nobody.as_ref().unwrap_or(&self.app), language, &page)
    }

    pub(super) fn respond(mut self) -> Response {
        match self.open() {
            Err(fault) => birth_date_check::unavailable(&fault),
            Ok(LinkView::Birth(language)) => self.ask_birth(&language, self.birth_question(), &[]),
            Ok(LinkView::Shut(why, language)) => {
                let language =
                    language.as_deref().map_or(self.browser_language.as_str(), |hers| self.chosen(hers));
                self.closed(why, language)
            }
            Ok(LinkView::Told(open, language)) => {
                let language = self.chosen(&language).to_owned();
                let told = AdviceContent {
                    outcome: RespondOutcome::Tier(open.tier),
                    progress: FormProgress::SentBefore(Box::new(self.marked())),
                    answered_at: Some(open.answered_at),
                    left_open: false,
                };
                let body = self.advice(told, &language);
                html_response(StatusCode::OK, &self.app.words(&language).language, body)
            }
            Ok(LinkView::Form(form)) => {
                self.resume(&form);
                self.show_form(&form, &[])
            }
        }
    }

    pub(super) fn ask_birth(
        &self,
        language: &str,
        question: BirthQuestion,
        typed: &[(String, String)],
    ) -> Response {
        let form = BirthForm { token: &self.token, step: &self.marked(), question, typed };
        birth_date_check::birth_date_page(&self.app, self.chosen(language), &form)
    }

    /// Goes on with the form that was begun through this link, or begins one.
    pub(super) fn resume(&mut self, form: &OpenForm) {
        let (key, begun) = (&self.app.deps.clinic.key, form.begun.as_ref());
        let ours = begun.map(|b| b.nonce.clone()).filter(|n| key.made(&self.token, n));
        let step = FormStep { nonce: ours.or_else(|| self.step.nonce.clone()), ..self.step.clone() };
        self.step = step.with_nonce(|| self.nonce());
    }

    pub(super) fn show_form(&self, form: &OpenForm, mistakes: &[(String, String)]) -> Response {
        let nothing = Answers::default();
        let answers = form.begun.as_ref().map_or(&nothing, |begun| &begun.answers);
        let Some((words, language)) = self.words(&form.checklist, &form.language) else {
            tracing::error!(version = form.checklist.version, "there are no words for this checklist");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let Some(wording) = words.words(&language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let view = self.view(
            &language,
            wording,
            FormContent {
                checklist: &form.checklist,
                answers,
                baseline: form.baseline.as_ref(),
                purpose: form.purpose,
                acted_for: form.is_acted_for,
            },
        );
        let asked_for = self.step.page.filter(|_| self.step.who.is_some());
        // A page that asks nothing after her answers leads on, whoever sent her there: never back to the start.
        if let Some(empty) = asked_for.filter(|page| (1..=form.checklist.pages.len()).contains(page))
            && !view.asks(empty)
        {
            let onward = FormStep { page: Some(view.after(empty)), ..self.step.clone() };
            return Redirect::to(&onward.address(&self.token)).into_response();
        }
        let page = match (asked_for, &form.begun) {
            (Some(0), Some(begun)) => self.advice_begun(begun, &language),
            (Some(page), _) if view.asks(page) => view.questions(page),
            (Some(page), _) if page > form.checklist.pages.len() => view.review(),
            // She left a form half-way that worries: first what to do, then the form.
            (None, Some(begun)) if self.returns() && begun.outcome.worries() => {
                self.advice_begun(begun, &language)
            }
            // An alert of an earlier form is open: what it told her stands, whatever she answers next.
            (None, None) if self.returns() && form.standing.is_some() => {
                let outcome = RespondOutcome::Unsorted.at_least(form.standing);
                let told = AdviceContent {
                    outcome,
                    progress: FormProgress::NotBegun {
                        first: Box::new(self.onward(outcome, 0)),
                        here: Box::new(self.step.clone()),
                    },
                    answered_at: form.standing.map(|open| open.answered_at),
                    left_open: false,
                };
                self.advice(told, &language)
            }
            _ => view.start(mistakes),
        };
        let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        html_response(status, &language, page)
    }

    /// Opened again from the letter, not on the way through the form.
    fn returns(&self) -> bool {
        self.step.who.is_none() && self.step.blanks == Blanks::Quiet
    }

    pub(super) fn advice(&self, told: AdviceContent, language: &str) -> Result<String, PageFault> {
        let zone = link_owner::zone_of(&self.app.deps.clinic, &self.token);
        let (token, opened_at) = (self.token.clone(), self.now);
        advice::page(&self.app, language, &Advice { told, token, opened_at, zone })
    }

    /// What to do now after the pages that are saved.
    fn advice_begun(&self, begun: &Begun, language: &str) -> Result<String, PageFault> {
        let progress = self.half_way(begun.outcome, begun.pages);
        let answered_at = Some(begun.answered_at);
        let told = AdviceContent { outcome: begun.outcome, progress, answered_at, left_open: false };
        self.advice(told, language)
    }

    /// The way on to the page after those that are saved, and to this one.
    fn half_way(&self, outcome: RespondOutcome, pages: u32) -> FormProgress {
        let next = Box::new(self.onward(outcome, pages));
        FormProgress::HalfWay { next, here: Box::new(self.step.clone()) }
    }

    /// The step of the page after those that are saved.
    fn onward(&self, outcome: RespondOutcome, pages: u32) -> FormStep {
        let next = usize::try_from(pages).unwrap_or(0) + 1;
        let told = outcome == RespondOutcome::Tier(Tier::Emergency);
        match self.step.who {
            Some(_) => FormStep { told, ..self.step.at(Some(next)) },
            // Who fills it in is asked again; naming the open question keeps this page from coming back.
            None => FormStep { told, blanks: Blanks::Named, ..self.step.clone() },
        }
    }

    /// The words of a checklist in the language chosen, else the patient's: it is the language of the whole page.
    pub(super) fn words(&self, checklist: &Checklist, hers: &str) -> Option<(Arc<WordedChecklist>, String)> {
        let words = self.app.checklists.of(checklist, &self.app.deps.clinic)?;
        let chosen = self.step.language.as_deref().filter(|code| words.words(code).is_some());
        let language = self.app.words(chosen.unwrap_or(hers)).language.clone();
        words.words(&language)?;
        Some((words, language))
    }

    pub(super) fn view<'a>(
        &'a self,
        language: &'a str,
        words: &'a ChecklistWording,
        content: FormContent<'a>,
    ) -> FormView<'a> {
        FormView { app: &self.app, token: &self.token, language, words, content, step: &self.step }
    }
}
