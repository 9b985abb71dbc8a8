//! The part of her page for whoever picks up the telephone when she rings.

use axum::http::StatusCode;
use axum::response::Response;

use crate::care::patient::Reference;
use crate::journey::commands::contact_log;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::call_note::CallNote;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::step_words;
use crate::web::console::patients::patient;

/// Notes the call, or opens her form beside what was typed.
pub(in crate::web::console) async fn submit(
    signed_in: SignedIn,
    whose: Reference,
    fields: &FormFields,
) -> Response {
    if fields.get("then") == "form" {
        return with_form(signed_in, whose, fields).await;
    }
    let asks_back = fields.get("then") != "nothing";
    let call = CallNote { note: fields.note("call_note"), asks_back };
    match contact_log::note_call(signed_in.clinic(), signed_in.stamp(), whose.clone(), call).await {
        Ok(()) => {
            let notice = if asks_back { Notice::CallPassedOn } else { Notice::CallNoted };
            page::saved(&signed_in, &format!("/patients/{}", whose.as_str()), notice)
        }
        Err(fault @ StepError::Contact(ContactError::WordsMissing(_) | ContactError::TooLong)) => {
            let fault = step_words::beside("call_note", &fault);
            again(signed_in, whose, RefusedForm::new(fields, vec![fault])).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

async fn with_form(signed_in: SignedIn, whose: Reference, fields: &FormFields) -> Response {
    let form = RefusedForm::new(fields, Vec::new());
    match contact_log::open_form(signed_in.clinic(), signed_in.stamp(), whose.clone()).await {
        Ok(Some(address)) => {
            let look = move |s: &SignedIn| patient::with_her_form(s, whose.as_str(), &form, &address);
            page::blocking(signed_in, look).await
        }
        Ok(None) => {
            let text =
                "This clinic has no public address, so that no form can be opened. Note what she says.";
            let form = RefusedForm::new(fields, vec![FieldFault::new("call_note", text)]);
            again(signed_in, whose, form).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

async fn again(signed_in: SignedIn, whose: Reference, form: RefusedForm) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page::blocking(signed_in, move |s| patient::shown(s, whose.as_str(), status, &form)).await
}
