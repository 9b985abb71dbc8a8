//! The staff's pages, on a listener of their own inside the clinic. Nothing personal is shown before sign-in; a GET changes
//! nothing but the visitor's own session; every POST brings the mark of its session's form and comes from our own pages.
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

/// The console's pages.
pub(super) fn router(console: ConsoleState, bounds: &Bounds) -> Router {
    let within = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WITHIN);
    Router::new()
        .route("/", get(worklist::list::look))
        .route("/alerts", get(worklist::list::look))
        .route("/sign-in", get(auth::sign_in::look).post(auth::sign_in::send))
        .route("/sign-out", post(auth::sign_in::leave))
        .route("/alerts/{id}", get(alerts::alert::look))
        .route("/alerts/{id}/acknowledge", post(alerts::alert::acknowledge))
        .route("/alerts/{id}/keep", post(alerts::alert::keep))
        .route("/alerts/{id}/close", post(alerts::alert::close))
        .route("/answers/{id}", get(patients::response::look).post(patients::response::confirm))
        .route("/tasks/{id}", get(worklist::task::look).post(worklist::task::close))
        .route("/patients", get(patients::list::list))
        .route("/patients/{*reference}", get(patients::patient::look).post(patients::actions::act))
        .route("/protocols", get(protocols::list::list))
        .route("/protocols/{id}", get(protocols::version::look))
        .route("/letters/{id}", get(letters::letter::look).post(letters::letter::retry))
        .route("/ledger", get(letters::ledger::look))
        .route("/audit", get(records::audit::look))
        .route("/test-alert", get(alerts::test_alert::look).post(alerts::test_alert::act))
        .route(&layout::frame::sheet_path(), get(layout::frame::sheet))
        .fallback(layout::error_page::nowhere)
        .layer(DefaultBodyLimit::max(bounds.body_bytes))
        .layer(within)
        .layer(from_fn_with_state(console.clone(), layout::headers::dress))
        .with_state(console)
}
