//! Whose page it is: the patient of a case code in an address.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::care::patient::{Patient, Reference};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;

/// The same beside the runtime's threads.
pub(in crate::web::console::patients) async fn page_of(
    signed_in: SignedIn,
    reference: String,
    make: impl FnOnce(&SignedIn, &Patient) -> Response + Send + 'static,
) -> Response {
    page::blocking(signed_in, move |signed_in| of(signed_in, &reference, |patient| make(signed_in, patient)))
        .await
}

/// A page about the patient of that case code, if there is one.
pub(in crate::web::console::patients) fn of(
    signed_in: &SignedIn,
    reference: &str,
    make: impl FnOnce(&Patient) -> Response,
) -> Response {
    let Ok(reference) = Reference::parse(reference) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match signed_in.clinic().store.read(|view| view.patient_by_reference(&reference)) {
        Ok(patient) => make(&patient),
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}
