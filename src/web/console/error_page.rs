//! Pages for whoever is not signed in or was refused: strict headers, plain words instead of bare errors.

use crate::journey::alert_policy::TriageMode;
use crate::journey::error::StepError;
use crate::web::app_state::AppState;
use crate::web::console::state::ConsoleState;
use crate::web::html::{self, PageFault, Worded};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

const SHEET: html::StyleSheet =
    html::StyleSheet { prefix: "console-", css: include_str!("../pages/console/console.css") };

/// Where the style sheet of the console stands.
pub(super) fn sheet_path() -> String {
    SHEET.path()
}

/// The style sheet of the console.
pub(super) async fn sheet() -> Response {
    SHEET.response()
}

/// A page for somebody who is not: the clinic's short name is all it tells.
pub(super) fn outside(app: &AppState, status: StatusCode, name: &str, words: Value) -> Response {
    finished(status, write(app, name, context! { who => (), leads => false, mark => "", ..words }))
}

pub(in crate::web::console) fn write(app: &AppState, name: &str, words: Value) -> Result<String, PageFault> {
    let clinic = &app.deps.clinic;
    let mode = match &clinic.care.mode {
        TriageMode::Education => "Education mode: answers come unsorted, to be read.".to_owned(),
        TriageMode::Triage(signed) => format!(
            "Triage mode: rules {} signed off by {} ({}) on {}.",
            signed.version, signed.name, signed.role, signed.date
        ),
    };
    let frame = context! {
        sheet => sheet_path(),
        short_name => app.deps.says.short_name.clone(),
        zone => clinic.policy.zone.clone(),
        mode,
    };
    app.pages.render(&format!("console/{name}.html"), context! { ..words, ..frame })
}

pub(in crate::web::console) fn finished(status: StatusCode, page: Result<String, PageFault>) -> Response {
    match page {
        Ok(body) => html::page(status, "en", body),
        Err(fault) => {
            tracing::error!(%fault, "a console page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The way through for a link in a mail: it names no more than the link did.
pub(super) fn check(app: &AppState, path: &str) -> Response {
    outside(app, StatusCode::OK, "gate", context! { path })
}

/// Nothing stands there.
pub(super) async fn nowhere(State(console): State<ConsoleState>) -> Response {
    bare(&console.app(), StatusCode::NOT_FOUND)
}

/// A refusal in plain words.
pub(super) fn bare(app: &AppState, status: StatusCode) -> Response {
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
    refused(app, status, (title, text, ""))
}

/// A step that could not be taken, in its own words.
pub(super) fn failed(app: &AppState, fault: &StepError) -> Response {
    match fault {
        StepError::Store(store) if store.is_not_found() => bare(app, StatusCode::NOT_FOUND),
        StepError::Store(store) => {
            tracing::error!(fault = %store, "the console could not reach the database");
            bare(app, StatusCode::SERVICE_UNAVAILABLE)
        }
        step => {
            let (text, hint) = (step.to_string(), step.hint());
            refused(app, StatusCode::UNPROCESSABLE_ENTITY, ("Nothing was changed", &text, hint))
        }
    }
}

/// A refusal with words of its own.
pub(super) fn refused(app: &AppState, status: StatusCode, words: (&str, &str, &str)) -> Response {
    let (title, text, hint) = words;
    outside(app, status, "fault", context! { title, text, hint })
}

const STRICT: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    // Not `no-referrer`: it would make the browser send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// Dresses every response of the console.
pub(super) async fn dress(State(console): State<ConsoleState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let status = response.status();
    let worded = response.extensions().get::<Worded>().is_some();
    if (status.is_client_error() || status.is_server_error()) && !worded {
        response = bare(&console.app(), status);
    }
    let headers = response.headers_mut();
    for (name, value) in STRICT {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
