//! Plain words instead of an empty error.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;

use crate::journey::errors::step::StepError;
use crate::web::app_state::AppState;
use crate::web::console::layout::{frame, step_words};

/// Heads a page that tells why a step was refused.
pub(in crate::web::console) const NOT_CHANGED: &str = "Nothing was changed";

/// What an error page says.
pub(in crate::web::console) struct ErrorText<'a> {
    pub(in crate::web::console) title: &'a str,
    pub(in crate::web::console) text: &'a str,
    /// What to do about it; may be empty.
    pub(in crate::web::console) hint: &'a str,
}

/// The fallback for a path that names no page; its words come with the headers.
pub(in crate::web::console) async fn not_found() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// What a refusal says.
pub(in crate::web::console) fn text_of(status: StatusCode) -> ErrorText<'static> {
    let (title, text) = match status.as_u16() {
        403 => (
            "Not accepted",
            "Your account may not do that, or this form did not come from your own session. Nothing was changed. Go back to the page and try again.",
        ),
        404 => ("Not found", "There is no such page or record."),
        405 => ("Not possible", "That page cannot be used in this way. Nothing was changed."),
        408 => ("Too slow", "The request took too long. Nothing is lost: look before you try again."),
        413 => ("Too long", "What was sent is too long. Nothing was changed."),
        421 => (
            "Not under this name",
            "The console does not answer under the name in the address bar. Open it by the address that letters about alerts lead to. Whoever runs the program sets that name: the key console_url in the section [web] of aftercare.toml.",
        ),
        429 => ("Too many tries", "Wait a minute, then try again."),
        code if code < 500 => ("Not understood", "What was sent could not be read. Nothing was changed."),
        _ => (
            "Something broke here",
            "The page could not be made. Alerts go on ringing by mail. Try again; if it stays so, tell whoever runs the program.",
        ),
    };
    ErrorText { title, text, hint: "" }
}

/// What a page says of a step that could not be taken; the status alone where its usual words do.
///
/// # Errors
/// The status: nothing of that name, or no database. The second is logged here.
pub(in crate::web::console) fn words_of(fault: &StepError) -> Result<String, StatusCode> {
    match fault {
        StepError::Store(store) if store.is_not_found() || store.erased_at().is_some() => {
            Err(StatusCode::NOT_FOUND)
        }
        StepError::Store(store) => {
            tracing::error!(fault = %store, "the console could not reach the database");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
        step => Ok(step_words::fault(step)),
    }
}

/// What an answer of an error status says beside the status; an extension of its response.
#[derive(Clone)]
pub(in crate::web::console) struct RefusedStep {
    text: String,
    hint: String,
}

/// A step that could not be taken, where nobody need be signed in; its words come with the headers.
pub(in crate::web::console) fn failed(fault: &StepError) -> Response {
    match words_of(fault) {
        Err(status) => status.into_response(),
        Ok(text) => {
            let step = RefusedStep { text, hint: step_words::next(fault) };
            let mut response = StatusCode::UNPROCESSABLE_ENTITY.into_response();
            response.extensions_mut().insert(step);
            response
        }
    }
}

/// What to say of an answer that brought no page.
pub(in crate::web::console) fn text_for(response: &Response) -> ErrorText<'_> {
    match response.extensions().get::<RefusedStep>() {
        Some(step) => ErrorText { title: NOT_CHANGED, text: &step.text, hint: &step.hint },
        None => text_of(response.status()),
    }
}

/// A refusal in plain words, in the language of a browser in which nobody is signed in.
pub(in crate::web::console) fn signed_out(
    app: &AppState,
    language: &str,
    status: StatusCode,
    text: &ErrorText<'_>,
) -> Response {
    let ErrorText { title, text, hint } = *text;
    frame::signed_out(app, status, "fault", context! { title, text, hint, page_language => language })
}
