//! How a console page is made for somebody signed in: read and rendered beside the runtime, with her name in the frame.

use crate::web::console::layout::error_page::of_status;
use crate::web::console::layout::frame::{self, html_response};
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::permission::Act;
use crate::web::console::auth::session::SignedIn;

/// Reads and renders a page beside the runtime's threads: a long list keeps no patient's page waiting.
pub(in crate::web::console) async fn blocking(
    signed_in: SignedIn,
    make: impl FnOnce(&SignedIn) -> Response + Send + 'static,
) -> Response {
    let app = Arc::clone(&signed_in.app);
    match tokio::task::spawn_blocking(move || make(&signed_in)).await {
        Ok(page) => page,
        Err(fault) => {
            tracing::error!(%fault, "a console page was not finished");
            of_status(&app, StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
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
    let leads = signed_in.who.role.may(Act::ReadAudit);
    let words = context! { mark => signed_in.csrf_token(), who, leads, ..words };
    html_response(status, frame::render(&signed_in.app, name, words))
}
