//! What a form of her page would do, shown before anybody does it: letters that move, fall away or leave, tasks that open or
//! close.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::care::patient::{Patient, PatientStatus};
use crate::journey::commands::record_preview::{self, ChangePreview};
use crate::journey::patients::amend::Amendment;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::patients::change_form::{self, ChangeRequest};
use crate::web::console::patients::patient;
use crate::web::console::patients::plan_outlook::{self, ZoneChange};

/// The look at a change; a form that is refused goes back to her page.
pub(in crate::web::console::patients) fn shown(
    signed_in: &SignedIn,
    patient: &Patient,
    fields: &FormFields,
    notice: Notice,
) -> Response {
    let refuse = |fault: FieldFault| {
        let refused = RefusedForm::new(fields, vec![fault]);
        patient::shown(signed_in, patient.reference.as_str(), StatusCode::UNPROCESSABLE_ENTITY, &refused)
    };
    let whose = patient.reference.clone();
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let found = match change_form::read(&whose, fields, notice) {
        None => return StatusCode::BAD_REQUEST.into_response(),
        Some(Err(fault)) => return refuse(fault),
        Some(Ok(ChangeRequest::Status(change))) => {
            let ask = Amendment { status: Some(change), ..Amendment::default() };
            record_preview::preview_amendment(clinic, stamp, whose, ask)
        }
        Some(Ok(ChangeRequest::Wishes(wants_again))) => {
            let ask = Amendment { wants_again, ..Amendment::default() };
            record_preview::preview_amendment(clinic, stamp, whose, ask)
        }
        Some(Ok(ChangeRequest::Date(ask))) => record_preview::preview_appointment(clinic, stamp, whose, ask),
    };
    match found {
        Ok(preview) => page::render(
            signed_in,
            "change-check",
            checked(signed_in, &Checked { patient, notice, preview: &preview }, fields),
        ),
        Err(fault) => match change_form::on_form(&fault, notice) {
            Some(field) => refuse(field),
            None => page::failed(signed_in, &fault),
        },
    }
}

/// A change whose effect is known.
struct Checked<'a> {
    patient: &'a Patient,
    notice: Notice,
    preview: &'a ChangePreview,
}

fn checked(signed_in: &SignedIn, change: &Checked<'_>, fields: &FormFields) -> Value {
    let Checked { patient, notice, preview } = *change;
    let kept = fields.starting("").filter(|(name, _)| !matches!(*name, "mark" | "look"));
    let zones = ZoneChange { was: &patient.zone, is: &patient.zone };
    let deceased = PatientStatus::Deceased;
    let asks_back = notice == Notice::StatusChanged && fields.get("to") != deceased.word();
    context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        heading => heading(notice),
        kept => kept.map(|(name, word)| context! { name, word }).collect::<Vec<_>>(),
        waits => patient.status == deceased && asks_back,
        died => preview.status == deceased && patient.status != deceased,
        change => plan_outlook::change_words(preview, zones, &signed_in.language),
    }
}

const fn heading(notice: Notice) -> &'static str {
    match notice {
        Notice::StatusChanged => "change where she stands",
        Notice::LettersWanted => "letters again",
        Notice::DateMoved => "move the date",
        Notice::VisitRecorded => "note that it took place",
        Notice::DateCalledOff => "call the date off",
        _ => "book a date",
    }
}
