//! The HTML part of a letter whose words nobody has saved yet, for the frames on its page.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::super::colour_scheme::ColourScheme;
use super::super::look::framed;
use crate::web::console::auth::session::SignedIn;

/// Whether the light or the dark look is asked for.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web::console) struct LookQuery {
    look: Option<String>,
}

/// The HTML part for a frame.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path((_, token)): Path<(String, String)>,
    Query(query): Query<LookQuery>,
) -> Response {
    match signed_in.console.unsaved_letters.of(&token, &signed_in.who.name) {
        Some(found) => framed(&found.language, &found.html, ColourScheme::of(query.look.as_deref())),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
