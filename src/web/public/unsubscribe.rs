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
use crate::journey::patients::opt_out::{self, OptOutChoice, OptOutView};
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
    page(&app, &token, &headers, if saved { PageNote::Saved } else { PageNote::None })
}

/// Saves which letters she wants no more.
pub(super) async fn submit(
    Extension(app): UnsubscribeState,
    Path(token): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
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
    let choice = if one_click { Some(OptOutChoice::Everything) } else { chosen(&app, &token, &fields) };
    let Some(choice) = choice else { return page(&app, &token, &headers, PageNote::NothingChosen) };
    match opt_out::opt_out(clinic, now, token.clone(), choice).await {
        // Nobody looks at what a mail program gets.
        Ok(true) if one_click => (StatusCode::OK, "done\n").into_response(),
        Ok(true) => Redirect::to(&format!("/o/{token}?saved=1")).into_response(),
        Ok(false) => missing(&app, &headers, &token),
        Err(fault) => birth_date_check::unavailable(&fault),
    }
}

/// What was ticked; `None` when nothing was and nothing had been before.
fn chosen(app: &AppState, token: &str, fields: &FieldWords) -> Option<OptOutChoice> {
    let ticked: Vec<&str> =
        fields.iter().filter(|(name, _)| name == "kind").map(|(_, word)| word.as_str()).collect();
    if ticked.contains(&"all") {
        return Some(OptOutChoice::Everything);
    }
    let kinds: Vec<LetterKind> = ticked.iter().filter_map(|word| LetterKind::parse(word)).collect();
    let before = opt_out::look(&app.deps.clinic, token).ok().flatten();
    let had = before.is_some_and(|shown| !shown.declined.is_empty());
    (!kinds.is_empty() || had).then_some(OptOutChoice::Kinds(kinds))
}

fn page(app: &Arc<AppState>, token: &str, headers: &HeaderMap, note: PageNote) -> Response {
    match opt_out::look(&app.deps.clinic, token) {
        Ok(Some(now)) => {
            let country = link_owner::country_of(&app.deps.clinic, token);
            choices(&ReaderPages::new(Arc::clone(app), country), token, &now, note)
        }
        Ok(None) => missing(app, headers, token),
        Err(fault) => birth_date_check::unavailable(&fault),
    }
}

fn missing(app: &Arc<AppState>, headers: &HeaderMap, token: &str) -> Response {
    if is_token_text(token) {
        // A dead link, and one to a form, look like a forged one, in the language of the page too.
        let language = app.negotiate_language(None, headers);
        let page = ClosedPage { token, why: ClosedLink::Forged, step: None };
        let pages = ReaderPages::new(Arc::clone(app), None);
        return birth_date_check::closed_link(&pages, &language, &page);
    }
    StatusCode::NOT_FOUND.into_response()
}

fn choices(app: &ReaderPages, token: &str, now: &OptOutView, note: PageNote) -> Response {
    let texts = app.words(&now.language);
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
    let words = context! {
        action => format!("/o/{token}"),
        kinds => Value::from_iter(kinds),
        everything => now.everything,
        saved => note == PageNote::Saved,
        others_come => !stopped.is_empty() && !now.everything && stopped.len() < LetterKind::ALL.len(),
        asked => now.asked,
        stopped,
        errors => errors(&mistakes),
        warning => app.warning(&texts.language),
    };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_response(status, &texts.language, app.render("stop.html", &texts.language, words))
}
