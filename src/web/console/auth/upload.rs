//! A form with a file, from a page of our own: the same checks as for any other form.

use axum::extract::{FromRequest, Request};
use axum::response::Response;

use crate::web::console::auth::form_fields::{FormFields, SentForm};
use crate::web::console::auth::session::{self, SignedIn};
use crate::web::console::state::ConsoleState;

/// The most bytes of a file: a roster of a hundred thousand fits.
pub(in crate::web::console) const UPLOAD_BYTES: usize = 16 * 1024 * 1024;

/// Extractor: a form with one file, signed in, from our own page, with the session's CSRF token.
pub(in crate::web::console) struct SignedUpload {
    pub(in crate::web::console) signed_in: SignedIn,
    pub(in crate::web::console) fields: FormFields,
    /// The file; empty when none was chosen.
    pub(in crate::web::console) content: Vec<u8>,
}

impl FromRequest<ConsoleState> for SignedUpload {
    type Rejection = Response;

    async fn from_request(request: Request, console: &ConsoleState) -> Result<Self, Response> {
        let (signed_in, SentForm { fields, file }) = session::own_form(request, console).await?;
        let content = file.map(|file| file.bytes).unwrap_or_default();
        Ok(Self { signed_in, fields, content })
    }
}
