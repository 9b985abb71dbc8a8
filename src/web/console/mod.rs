//! The staff's pages. They stand on a listener of their own, inside the clinic.

use axum::Router;

/// The console's pages.
pub(super) fn router() -> Router {
    Router::new()
}
