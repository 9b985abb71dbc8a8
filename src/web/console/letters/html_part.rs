//! The HTML part of a letter, for the frame on its page: no script, nothing fetched, an origin of its own.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::journey::errors::step::StepError;
use crate::store::mail::delivery::DeliveryId;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::headers::Framing;
use crate::web::console::layout::{error_page, page};
use crate::web::console::letters::letter_as_sent;
use crate::web::html;

/// The HTML part as it left, or as it will leave; 404 where there is none.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match part(signed_in, DeliveryId(id)) {
        Ok(Some((language, html))) => {
            let mut response = html::page(StatusCode::OK, &language, html);
            response.extensions_mut().insert(Framing::IsLetter);
            response
        }
        Ok(None) => {
            page::with_text(signed_in, StatusCode::NOT_FOUND, &error_page::text_of(StatusCode::NOT_FOUND))
        }
        Err(fault) => error_page::failed(&fault),
    })
    .await
}

fn part(signed_in: &SignedIn, id: DeliveryId) -> Result<Option<(String, String)>, StepError> {
    let letter = signed_in.clinic().store.read(|view| view.delivery(id))?;
    let view = letter_as_sent::of(&letter, signed_in)?;
    Ok(view.letter().map(|shown| (shown.letter.language.clone(), shown.letter.html.clone())))
}
