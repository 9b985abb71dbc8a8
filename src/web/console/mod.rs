//! The staff's pages, on a listener of their own inside the clinic. Nothing personal is shown before sign-in; a GET changes
//! nothing but the reader's own session; every POST brings the CSRF token of its session and comes from our own pages.
//!
//! Reading order: [`auth::session`] (who is looking), [`routes`] (what there is, and for whom), [`layout::page`] (how a page is made), [`worklist`], [`alerts`], the
//! rest. Templates stand in `pages/console`, in folders of the same names.

mod alerts;
mod auth;
mod checklists;
mod imports;
mod layout;
mod letters;
mod patients;
mod people;
mod protocols;
mod record_field;
mod records;
mod reports;
pub mod route;
pub mod routes;
mod settings;
mod single_run;
pub(super) mod state;
pub(super) mod templates;
mod worklist;

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::{Extension, Router};
use tower_http::timeout::TimeoutLayer;

use crate::web::app_state::AppState;
use crate::web::console::auth::local_paths::PagePaths;
use crate::web::console::route::{Access, RouteMethod};
use crate::web::console::state::ConsoleState;
use crate::web::listener::Bounds;

/// A request, sign-in with its slow hash included, is over by then.
const WITHIN: Duration = Duration::from_secs(30);

/// The page in place of a request that none of the console's own pages may see.
pub(super) fn error_page(app: &AppState, language: &str, status: StatusCode) -> Response {
    layout::error_page::signed_out(app, language, status, &layout::error_page::text_of(status))
}

/// Every page of the console, by path: the table of [`routes`].
pub(super) fn router(console: ConsoleState, bounds: &Bounds) -> Router {
    let within = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WITHIN);
    let rows = routes::all();
    let pages = rows.iter().filter(|row| row.method == RouteMethod::Get && row.needs != Access::Anybody);
    let pages = PagePaths::new(pages.map(|row| row.path.clone()));
    let router = rows.into_iter().fold(Router::new(), |router, row| {
        let path = row.path.clone();
        router.route(&path, row.checked(&console))
    });
    router
        .fallback(layout::error_page::not_found)
        .layer(DefaultBodyLimit::max(bounds.body_bytes))
        .layer(within)
        .layer(Extension(pages))
        .layer(from_fn_with_state(console.clone(), layout::headers::set_security_headers))
        .with_state(console)
}
