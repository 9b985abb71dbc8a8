//! A form with a file, from a page of our own: the same checks as for any other form.

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::same_origin;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::state::ConsoleState;

/// The most bytes of a file: a roster of a hundred thousand fits.
pub(in crate::web::console) const UPLOAD_BYTES: usize = 16 * 1024 * 1024;

/// Extractor: a form with one file, signed in, from our own page, with the session's CSRF token.
pub(in crate::web::console) struct SignedUpload {
    pub(in crate::web::console) signed_in: SignedIn,
    pub(in crate::web::console) fields: FormFields,
    /// The file; empty when none was chosen. Its name is not kept: it may name somebody.
    pub(in crate::web::console) content: Vec<u8>,
}

impl FromRequest<ConsoleState> for SignedUpload {
    type Rejection = Response;

    async fn from_request(request: Request, console: &ConsoleState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let signed_in = SignedIn::from_request_parts(&mut parts, console).await?;
        let own = same_origin::is_ours(&parts.headers);
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let has_parts = kind.is_some_and(|kind| kind.starts_with("multipart/form-data"));
        let request = Request::from_parts(parts, body);
        let (fields, content) =
            if has_parts { parts_of(request).await? } else { (fields_of(request).await?, Vec::new()) };
        let token = signed_in.csrf_token();
        if !own || !bool::from(fields.get("mark").as_bytes().ct_eq(token.as_bytes())) {
            tracing::warn!(staff = %signed_in.who.name, "a form that is not ours was refused");
            return Err(StatusCode::FORBIDDEN.into_response());
        }
        Ok(Self { signed_in, fields, content })
    }
}

/// The fields of a form that brings no file.
async fn fields_of(request: Request) -> Result<FormFields, Response> {
    let form = axum::Form::<Vec<(String, String)>>::from_request(request, &()).await;
    Ok(FormFields::new(form.map_err(|fault| fault.status().into_response())?.0))
}

async fn parts_of(request: Request) -> Result<(FormFields, Vec<u8>), Response> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|fault| fault.status().into_response())?;
    let refused = |fault: MultipartError| fault.status().into_response();
    let (mut fields, mut content) = (Vec::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(refused)? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let bytes = field.bytes().await.map_err(refused)?;
        match is_file {
            true => content = bytes.to_vec(),
            false => fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok((FormFields::new(fields), content))
}
