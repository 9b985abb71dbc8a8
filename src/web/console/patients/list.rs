//! Patients by case code.

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::patient::Reference;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::patients::response;

/// Patients on a page.
const LISTED: u32 = 100;

/// A case code, or the beginning of one.
#[derive(Deserialize)]
pub(in crate::web::console) struct PatientQuery {
    #[serde(default)]
    code: String,
    #[serde(default)]
    after: String,
}

/// The list; a whole case code leads to its page.
pub(in crate::web::console) async fn list(signed_in: SignedIn, Query(ask): Query<PatientQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| listed(signed_in, &ask)).await
}

fn listed(signed_in: &SignedIn, ask: &PatientQuery) -> Response {
    let code = ask.code.trim();
    if let Ok(reference) = Reference::parse(code)
        && signed_in.clinic().store.read(|view| view.is_known(&reference)).unwrap_or(false)
    {
        return Redirect::to(&format!("/patients/{code}")).into_response();
    }
    let found = signed_in.clinic().store.read(|view| {
        let after = if ask.after.is_empty() { code } else { ask.after.as_str() };
        view.patients(after, LISTED)
    });
    match found {
        Ok(found) => {
            let next = found.last().filter(|_| found.len() == LISTED as usize);
            let next = next.map(|patient| patient.reference.as_str().to_owned());
            let found = found.iter().filter(|patient| patient.reference.as_str().starts_with(code));
            let listed: Vec<Value> = found.map(response::patient).collect();
            page::render(signed_in, "patients", context! { code, listed, next })
        }
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}
