//! How a page for patients is sent.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::web::html::{self, PageFault, StyleSheet};

/// The style sheet of the public pages.
pub(in crate::web) const SHEET: StyleSheet =
    StyleSheet { prefix: "", css: include_str!("../pages/public/sheet.css") };

/// Serves the style sheet.
pub(in crate::web::public) async fn sheet() -> Response {
    SHEET.response()
}

/// A rendered page, or the error page in its place.
pub(in crate::web::public) fn html_response(
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
