//! How a console page is made for somebody signed in: read and rendered beside the runtime, with her name in the frame.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::error_page::{self, ErrorText, text_of};
use crate::web::console::layout::frame::Frame;
use crate::web::console::layout::notice::{self, Notice};
use crate::web::console::layout::step_words;
use crate::web::console::layout::time_format::TimeFormat;

/// Reads and renders a page beside the runtime's threads: a long list keeps no patient's page waiting.
pub(in crate::web::console) async fn blocking(
    signed_in: SignedIn,
    make: impl FnOnce(&SignedIn) -> Response + Send + 'static,
) -> Response {
    off_thread(&signed_in, make).await.unwrap_or_else(|broken| broken)
}

/// Does what waits for the disk or reckons for long beside the runtime's threads.
///
/// # Errors
/// The page that says that it broke off.
pub(in crate::web::console) async fn off_thread<T: Send + 'static>(
    signed_in: &SignedIn,
    act: impl FnOnce(&SignedIn) -> T + Send + 'static,
) -> Result<T, Response> {
    let own = signed_in.clone();
    tokio::task::spawn_blocking(move || act(&own)).await.map_err(|fault| {
        tracing::error!(%fault, "work for a console page broke off");
        with_text(signed_in, StatusCode::INTERNAL_SERVER_ERROR, &text_of(StatusCode::INTERNAL_SERVER_ERROR))
    })
}

/// A page for somebody signed in.
pub(in crate::web::console) fn render(signed_in: &SignedIn, name: &str, words: Value) -> Response {
    with_status(signed_in, StatusCode::OK, name, words)
}

/// The same with another status.
pub(in crate::web::console) fn with_status(
    signed_in: &SignedIn,
    status: StatusCode,
    name: &str,
    words: Value,
) -> Response {
    let who = context! { name => signed_in.who.name.clone(), role => signed_in.who.role.word() };
    let role = signed_in.who.role;
    // What the page offers: `may.CloseTask` in a template is `Act::CloseTask` here.
    let may: BTreeMap<String, bool> =
        Act::ALL.into_iter().map(|act| (format!("{act:?}"), role.may(act))).collect();
    let menu_at = menu_place(&signed_in.path);
    let menu_as = if menu_at == signed_in.path { "page" } else { "true" };
    let notice = just_saved(signed_in).map(Notice::text);
    let words = context! { mark => signed_in.csrf_token(), who, may, notice, menu_at, menu_as, ..words };
    Frame { app: &signed_in.app, language: &signed_in.language }.response(status, name, words)
}

/// The place in the menu under which a page stands: its own first part, or that of what it is about.
fn menu_place(path: &str) -> &str {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let first = path.get(..=rest.find('/').unwrap_or(rest.len())).unwrap_or(path);
    match first {
        "/story" | "/enrol" | "/proxy" | "/correct" | "/plan" | "/answers" | "/merge" | "/export"
        | "/erase" => "/patients",
        "/imports" => "/import",
        "/invitations" => "/people",
        _ => first,
    }
}

/// Leads on after a save; the page there says what was saved.
pub(in crate::web::console) fn saved(signed_in: &SignedIn, path: &str, notice: Notice) -> Response {
    done(signed_in, path);
    let joint = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{joint}saved={}", sealed(signed_in, notice))).into_response()
}

/// Keeps that the act of the form is done, and which page it led to: the same form sent again leads there too.
pub(in crate::web::console) fn done(signed_in: &SignedIn, path: &str) {
    if let Some(form) = &signed_in.form {
        signed_in.console.done_forms.note(form.mark, path, signed_in.now);
    }
}

/// Leads to where this very form led a moment ago; `None` where its act was not done. To be asked once it is refused: what may
/// be done twice is done twice.
pub(in crate::web::console) fn done_before(signed_in: &SignedIn) -> Option<Response> {
    let form = signed_in.form.as_ref()?;
    let page = signed_in.console.done_forms.page_of(form.mark, signed_in.now)?;
    Some(saved(signed_in, &page, Notice::DoneAlready))
}

/// A page that is shown at once, and not led to, says what was saved: something else that was typed there must stay.
pub(in crate::web::console) fn told_here(signed_in: SignedIn, notice: Notice) -> SignedIn {
    SignedIn { saved: Some(sealed(&signed_in, notice)), ..signed_in }
}

fn sealed(signed_in: &SignedIn, notice: Notice) -> String {
    let (word, at) = (notice.word(), signed_in.now.as_second());
    format!("{word}.{at}.{}", signed_in.notice_seal(word, at))
}

/// What was saved a moment ago, if this session saved it.
pub(in crate::web::console) fn just_saved(signed_in: &SignedIn) -> Option<Notice> {
    let mut parts = signed_in.saved.as_deref()?.splitn(3, '.');
    let (word, at, seal) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let is_ours = signed_in.notice_seal(word, at).is(seal) && notice::is_news(at, signed_in.now);
    Notice::parse(word).filter(|_| is_ours)
}

/// A step that could not be taken, in the console's words and with its menu.
pub(in crate::web::console) fn failed(signed_in: &SignedIn, fault: &StepError) -> Response {
    if let StepError::Store(store) = fault
        && let Some(at) = store.erased_at()
    {
        let words = context! { on => TimeFormat::from(signed_in).date(at) };
        return with_status(signed_in, StatusCode::GONE, "erased", words);
    }
    let is_down = matches!(fault, StepError::Store(store) if !store.is_not_found());
    if let Some(page) = Some(signed_in).filter(|_| !is_down).and_then(done_before) {
        return page;
    }
    match error_page::words_of(fault) {
        Err(status) => status.into_response(),
        Ok(text) => {
            let hint = step_words::next(fault);
            let text = ErrorText { title: error_page::NOT_CHANGED, text: &text, hint: &hint };
            with_text(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &text)
        }
    }
}

/// A refusal with words of its own and the console's menu.
pub(in crate::web::console) fn with_text(
    signed_in: &SignedIn,
    status: StatusCode,
    text: &ErrorText<'_>,
) -> Response {
    let ErrorText { title, text, hint } = *text;
    let back = signed_in.form.as_ref().map(|form| form.page.clone()).filter(|page| page != "/");
    with_status(signed_in, status, "fault", context! { title, text, hint, back })
}
