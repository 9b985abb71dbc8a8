//! Plain words instead of an empty error.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use crate::journey::errors::step::StepError;
use crate::web::app_state::AppState;
use crate::web::console::layout::frame::signed_out;
use crate::web::console::state::ConsoleState;

/// What an error page says.
pub(in crate::web::console) struct ErrorText<'a> {
    pub(in crate::web::console) title: &'a str,
    pub(in crate::web::console) text: &'a str,
    /// What to do about it; may be empty.
    pub(in crate::web::console) hint: &'a str,
}

/// The fallback for a path that names no page.
pub(in crate::web::console) async fn not_found(State(console): State<ConsoleState>) -> Response {
    of_status(&console.app(), StatusCode::NOT_FOUND)
}

/// A refusal in plain words.
pub(in crate::web::console) fn of_status(app: &AppState, status: StatusCode) -> Response {
    let (title, text) = match status.as_u16() {
        403 => (
            "Not accepted",
            "This form did not come from your own session. Nothing was changed. Go back to the worklist and try again.",
        ),
        404 => ("Not found", "There is no such page or record."),
        405 => ("Not possible", "That page cannot be used in this way. Nothing was changed."),
        408 => ("Too slow", "The request took too long. Nothing is lost: look before you try again."),
        413 => ("Too long", "What was sent is too long. Nothing was changed."),
        429 => ("Too many tries", "Wait a minute, then try again."),
        code if code < 500 => ("Not understood", "What was sent could not be read. Nothing was changed."),
        _ => (
            "Something broke here",
            "The page could not be made. Alerts go on ringing by mail; `aftercare alerts list` shows them too.",
        ),
    };
    with_text(app, status, &ErrorText { title, text, hint: "" })
}

/// A step that could not be taken, in its own words.
pub(in crate::web::console) fn failed(app: &AppState, fault: &StepError) -> Response {
    match fault {
        StepError::Store(store) if store.is_not_found() => of_status(app, StatusCode::NOT_FOUND),
        StepError::Store(store) => {
            tracing::error!(fault = %store, "the console could not reach the database");
            of_status(app, StatusCode::SERVICE_UNAVAILABLE)
        }
        step => {
            let (text, hint) = (step.to_string(), step.hint());
            let text = ErrorText { title: "Nothing was changed", text: &text, hint };
            with_text(app, StatusCode::UNPROCESSABLE_ENTITY, &text)
        }
    }
}

/// A refusal with words of its own.
pub(in crate::web::console) fn with_text(
    app: &AppState,
    status: StatusCode,
    text: &ErrorText<'_>,
) -> Response {
    let ErrorText { title, text, hint } = *text;
    signed_out(app, status, "fault", context! { title, text, hint })
}
