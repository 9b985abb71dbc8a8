//! The pages patients see. No script, no third party, and no cookie but the one that holds a birth date that was right; every page
//! carries the numbers to call.

mod reader_pages;
mod help;
mod form_state;
mod form;
mod form_visit;
mod advice;
mod birth_date_check;
mod birth_date_cookie;
mod checklist;
mod unsubscribe;
mod form_body;
pub(super) mod layout;
pub(super) mod templates;

use axum::Router;
use axum::routing::get;

/// Every page that patients see, by path.
pub(super) fn router() -> Router {
    Router::new()
        .route("/", get(help::help))
        .route("/help", get(help::help))
        .route("/learn", get(help::learn))
        .route("/learn/centres", get(help::centres))
        .route("/learn/{name}", get(help::leaflet))
        .route("/c/{token}", get(checklist::show).post(checklist::submit))
        .route("/o/{token}", get(unsubscribe::show).post(unsubscribe::submit))
        .route("/robots.txt", get(async || "User-agent: *\nDisallow: /\n"))
        .route(&layout::SHEET.path(), get(layout::sheet))
}
