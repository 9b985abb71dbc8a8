//! How a page for patients is shown.

use crate::web::html::{self, PageFault};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// A rendered page, or the fault page in its place.
pub(in crate::web::public) fn shown(
    status: StatusCode,
    language: &str,
    page: Result<String, PageFault>,
) -> Response {
    match page {
        Ok(body) => html::page(status, language, body),
        Err(fault) => {
            tracing::error!(%fault, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
