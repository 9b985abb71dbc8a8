//! The staff's pages, on a listener of their own inside the clinic. Nothing personal is shown before sign-in; a GET changes
//! nothing but the reader's own session; every POST brings the CSRF token of its session and comes from our own pages.
//!
//! Reading order: [`auth::session`] (who is looking), [`layout::page`] (how a page is made), [`worklist`], [`alerts`], the
//! rest. Templates stand in `pages/console`, in folders of the same names.

mod alerts;
mod auth;
mod layout;
mod letters;
mod patients;
mod protocols;
mod records;
mod settings;
pub(super) mod state;
pub(super) mod templates;
mod worklist;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::timeout::TimeoutLayer;

use crate::web::console::state::ConsoleState;
use crate::web::listener::Bounds;

/// A request, sign-in with its slow hash included, is over by then.
const WITHIN: Duration = Duration::from_secs(30);

/// Every page of the console, by path.
pub(super) fn router(console: ConsoleState, bounds: &Bounds) -> Router {
    let within = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WITHIN);
    Router::new()
        .route("/", get(worklist::list::show))
        .route("/alerts", get(worklist::list::show))
        .route("/sign-in", get(auth::sign_in::show).post(auth::sign_in::submit))
        .route("/sign-out", post(auth::sign_in::sign_out))
        .route("/alerts/{id}", get(alerts::alert::show))
        .route("/alerts/{id}/acknowledge", post(alerts::alert::acknowledge))
        .route("/alerts/{id}/keep", post(alerts::alert::keep))
        .route("/alerts/{id}/close", post(alerts::alert::close))
        .route("/alerts/{id}/contact", post(alerts::alert::log))
        .route("/answers/{id}", get(patients::response::show).post(patients::response::confirm))
        .route("/tasks/{id}", get(worklist::task::show).post(worklist::task::close))
        .route("/tasks/{id}/contact", post(worklist::task::log))
        .route("/tasks/{id}/claim", post(worklist::task::claim))
        .route("/tasks/{id}/snooze", post(worklist::task::snooze))
        .route("/patients", get(patients::list::list))
        .route("/patients/{*reference}", get(patients::patient::show).post(patients::actions::submit))
        .route("/protocols", get(protocols::list::list))
        .route("/protocols/{id}", get(protocols::version::show))
        .route("/letters/{id}", get(letters::letter::show).post(letters::letter::retry))
        .route("/letters/{id}/html", get(letters::html_part::show))
        .route("/ledger", get(letters::ledger::show))
        .route("/settings", get(settings::list::show))
        .route("/settings/{name}", get(settings::setting::show).post(settings::setting::submit))
        .route("/audit", get(records::audit::show))
        .route("/test-alert", get(alerts::test_alert::show).post(alerts::test_alert::submit))
        .route(&layout::frame::sheet_path(), get(layout::frame::sheet))
        .fallback(layout::error_page::not_found)
        .layer(DefaultBodyLimit::max(bounds.body_bytes))
        .layer(within)
        .layer(from_fn_with_state(console.clone(), layout::headers::set_security_headers))
        .with_state(console)
}
