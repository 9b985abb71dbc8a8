//! `/o/TOKEN`: which letters she does not want. A GET shows, a POST acts; one click in a mail program is a POST (RFC 8058).

use std::sync::Arc;

use axum::extract::{Extension, Path, Request};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use super::birth_date_check::ClosedPage;
use super::form::errors;
use super::{birth_date_check, form_body};
use crate::journey::answers::link_access::ClosedLink;
use crate::journey::answers::link_owner;
use crate::journey::errors::step::StepError;
use crate::journey::patients::opt_out::{self, OptOutChoice, OptOutView};
use crate::letter::wording::PAGE_LANGUAGE;
use crate::store::people::preferences::LetterKind;
use crate::web::app_state::AppState;
use crate::web::public::form_state::{FieldWords, is_token_text, query_fields};
use crate::web::public::layout::html_response;
use crate::web::public::reader_pages::ReaderPages;

type UnsubscribeState = Extension<Arc<AppState>>;

/// What the page says beside the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageNote {
    None,
    Saved,
    NothingChosen,
}

/// Shows what she gets now.
pub(super) async fn show(
    Extension(app): UnsubscribeState,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let saved = query_fields(&uri).iter().any(|(name, _)| name == "saved");
    let note = if saved { PageNote::Saved } else { PageNote::None };
    OptOutVisit { app, token, headers, language: language_chosen(&uri) }.page(note)
}

/// The language chosen on the page itself, as its address says.
fn language_chosen(uri: &Uri) -> Option<String> {
    query_fields(uri).into_iter().find(|(name, _)| name == PAGE_LANGUAGE).map(|(_, code)| code)
}

/// One visit to the page: whose link, and how it is to be shown.
struct OptOutVisit {
    app: Arc<AppState>,
    token: String,
    headers: HeaderMap,
    /// Chosen on the page; else it is in hers.
    language: Option<String>,
}

/// Saves which letters she wants no more.
pub(super) async fn submit(
    Extension(app): UnsubscribeState,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let language = language_chosen(request.uri());
    if !is_token_text(&token) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let fields = match form_body::fields(request).await {
        Ok(fields) => fields,
        Err(status) => return status.into_response(),
    };
    let one_click = form_body::is_one_click(&fields);
    let clinic = &app.deps.clinic;
    let now = app.deps.clock.now();
    let choice = if one_click { Ok(Some(OptOutChoice::Everything)) } else { chosen(&app, &token, &fields) };
    let outcome = match choice {
        // Whether anything had been declined is not known, so nobody is told to tick something.
        Err(fault) => Err(fault),
        Ok(Some(choice)) => opt_out::opt_out(clinic, now, token.clone(), choice).await.map(Some),
        Ok(None) => Ok(None),
    };
    let visit = OptOutVisit { app, token, headers, language };
    match outcome {
        Ok(None) => visit.page(PageNote::NothingChosen),
        // Nobody looks at what a mail program gets.
        Ok(Some(true)) if one_click => (StatusCode::OK, "done\n").into_response(),
        Ok(Some(true)) => Redirect::to(&visit.saved()).into_response(),
        Ok(Some(false)) => visit.missing(),
        Err(fault) => birth_date_check::unavailable(&fault),
    }
}

/// What was ticked; `None` when nothing was and nothing had been before.
fn chosen(app: &AppState, token: &str, fields: &FieldWords) -> Result<Option<OptOutChoice>, StepError> {
    let ticked: Vec<&str> =
        fields.iter().filter(|(name, _)| name == "kind").map(|(_, word)| word.as_str()).collect();
    if ticked.contains(&"all") {
        return Ok(Some(OptOutChoice::Everything));
    }
    let kinds: Vec<LetterKind> = ticked.iter().filter_map(|word| LetterKind::parse(word)).collect();
    // Who gets nothing and ticks nothing wants letters again: that takes a call, and nothing more is stopped.
    let had = || -> Result<bool, StepError> {
        let before = opt_out::look(&app.deps.clinic, token)?;
        Ok(before.is_some_and(|shown| !shown.declined.is_empty() && !shown.everything))
    };
    Ok((!kinds.is_empty() || had()?).then_some(OptOutChoice::Kinds(kinds)))
}

impl OptOutVisit {
    fn page(&self, note: PageNote) -> Response {
        let clinic = &self.app.deps.clinic;
        match opt_out::look(clinic, &self.token) {
            Ok(Some(now)) => {
                let country = link_owner::country_of(clinic, &self.token);
                self.choices(&ReaderPages::new(Arc::clone(&self.app), country), &now, note)
            }
            Ok(None) => self.missing(),
            Err(fault) => birth_date_check::unavailable(&fault),
        }
    }

    fn missing(&self) -> Response {
        if is_token_text(&self.token) {
            // A dead link, and one to a form, look like a forged one, in the language of the page too.
            let language = self.app.negotiate_language(None, &self.headers);
            let page = ClosedPage { token: &self.token, why: ClosedLink::Forged, step: None };
            let pages = ReaderPages::new(Arc::clone(&self.app), None);
            return birth_date_check::closed_link(&pages, &language, &page);
        }
        StatusCode::NOT_FOUND.into_response()
    }

    /// The language chosen on the page, where there are pages in it.
    fn chosen(&self) -> Option<&str> {
        self.language.as_deref().filter(|code| self.app.speaks(code))
    }

    /// The address of the page in a language.
    fn address(&self, language: Option<&str>) -> String {
        let asks = language.map(|code| format!("?{PAGE_LANGUAGE}={code}")).unwrap_or_default();
        format!("/o/{}{asks}", self.token)
    }

    /// Where the page tells what was saved.
    fn saved(&self) -> String {
        let address = self.address(self.chosen());
        format!("{address}{}saved=1", if address.contains('?') { '&' } else { '?' })
    }

    fn choices(&self, app: &ReaderPages, now: &OptOutView, note: PageNote) -> Response {
        let texts = app.words(self.chosen().unwrap_or(&now.language));
        let section = |kind: LetterKind| match kind {
            LetterKind::Visits => "reminders",
            LetterKind::Checklists => "checklists",
            LetterKind::Leaflets => "leaflets",
        };
        let name = |kind: LetterKind| texts.text(&format!("stop.{}", section(kind)));
        let kinds = LetterKind::ALL.into_iter().map(|kind| {
            context! { word => kind.word(), text => name(kind), checked => now.declined.contains(&kind) }
        });
        let stopped: Vec<String> = if now.everything {
            vec!["stop.done_everything".to_owned()]
        } else {
            now.declined.iter().map(|kind| format!("stop.done_{}", section(*kind))).collect()
        };
        let stopped: Vec<String> = stopped.iter().map(|key| texts.text(key).to_owned()).collect();
        // Who gets no letters at all has said so to a person too, and that person starts them again.
        let nothing = if now.everything { "stop.undo" } else { "stop.nothing" };
        let mistakes: Vec<(String, String)> = (note == PageNote::NothingChosen)
            .then(|| ("kind-visits".to_owned(), texts.text(nothing).to_owned()))
            .into_iter()
            .collect();
        let others = app.languages_beside(&texts.language);
        let others = others.map(|(code, name)| context! { code, name, address => self.address(Some(code)) });
        let words = context! {
            action => self.address(self.chosen()),
            kinds => Value::from_iter(kinds),
            everything => now.everything,
            saved => note == PageNote::Saved,
            others_come => !stopped.is_empty() && !now.everything && stopped.len() < LetterKind::ALL.len(),
            asked => now.asked,
            stopped,
            errors => errors(&mistakes),
            others => Value::from_iter(others),
            warning => app.warning(&texts.language),
        };
        let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        html_response(status, &texts.language, app.render("stop.html", &texts.language, words))
    }
}
