//! The staff's pages, on a listener of their own inside the clinic. Nothing personal is shown before sign-in; a GET changes
//! nothing but the visitor's own session; every POST brings the mark of its session's form and comes from our own pages.
//!
//! Reading order: [`crate::web::console::auth::session`] (who is looking), [`crate::web::console::layout`] (how a page is made), [`worklist`], [`alert`], the rest.

mod alert;
mod response;
mod audit;
mod time_format;
mod ledger;
mod letter;
mod inbound_message;
mod patient;
mod protocols;
mod layout;
mod task;
mod test_alert;
mod patient_actions;
mod worklist;
pub(super) mod auth;
pub(super) mod error_page;
pub(super) mod state;
pub(super) mod templates;

use crate::web::console::state::ConsoleState;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::timeout::TimeoutLayer;

use crate::web::listener::Bounds;

/// A request, sign-in with its slow hash included, is over by then.
const WITHIN: Duration = Duration::from_secs(30);

/// The console's pages.
pub(super) fn router(console: ConsoleState, bounds: &Bounds) -> Router {
    let within = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WITHIN);
    Router::new()
        .route("/", get(worklist::look))
        .route("/alerts", get(worklist::look))
        .route(
            "/sign-in",
            get(crate::web::console::auth::sign_in::look).post(crate::web::console::auth::sign_in::send),
        )
        .route("/sign-out", post(crate::web::console::auth::sign_in::leave))
        .route("/alerts/{id}", get(alert::look))
        .route("/alerts/{id}/acknowledge", post(alert::acknowledge))
        .route("/alerts/{id}/keep", post(alert::keep))
        .route("/alerts/{id}/close", post(alert::close))
        .route(
            "/answers/{id}",
            get(crate::web::console::response::look).post(crate::web::console::response::confirm),
        )
        .route("/tasks/{id}", get(task::look).post(task::close))
        .route("/patients", get(patient::list))
        .route("/patients/{*reference}", get(patient::look).post(crate::web::console::patient_actions::act))
        .route("/protocols", get(protocols::list))
        .route("/protocols/{id}", get(protocols::look))
        .route("/letters/{id}", get(letter::look).post(letter::retry))
        .route("/ledger", get(ledger::look))
        .route("/audit", get(audit::look))
        .route("/test-alert", get(test_alert::look).post(test_alert::act))
        .route(&crate::web::console::error_page::sheet_path(), get(crate::web::console::error_page::sheet))
        .fallback(crate::web::console::error_page::nowhere)
        .layer(DefaultBodyLimit::max(bounds.body_bytes))
        .layer(within)
        .layer(from_fn_with_state(console.clone(), crate::web::console::error_page::dress))
        .with_state(console)
}
