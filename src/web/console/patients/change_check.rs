//! What a form of her page would do, shown before anybody does it: letters that move, fall away or leave, tasks that open or
//! close.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::Time;
use minijinja::{Value, context};

use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::schedule::Owed;
use crate::care::time::zone;
use crate::journey::commands::record_preview::{self, AppointmentPreview, ChangePreview};
use crate::journey::patients::amend::Amendment;
use crate::store::plan::appointments::Booked;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page};
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
    let mut date = None;
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
        Some(Ok(ChangeRequest::Date(ask))) => {
            let found = record_preview::preview_appointment(clinic, stamp, whose, ask);
            found.map(|found| {
                date = Some(date_words(signed_in, &patient.zone, &found));
                found.change
            })
        }
    };
    match found {
        Ok(preview) => page::render(
            signed_in,
            "change-check",
            context! { date, ..checked(signed_in, &Checked { patient, notice, preview: &preview }, fields) },
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
    let kept =
        fields.starting("").filter(|(name, _)| !matches!(*name, "mark" | "look" | "dates_seen" | "stood"));
    let zones = ZoneChange { was: &patient.zone, is: &patient.zone };
    let deceased = PatientStatus::Deceased;
    let asks_back = notice == Notice::StatusChanged && fields.get("to") != deceased.word();
    context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        heading => heading(notice),
        stood => (notice == Notice::StatusChanged).then(|| patient.status.word()),
        kept => kept.map(|(name, word)| context! { name, word }).collect::<Vec<_>>(),
        waits => patient.status == deceased && asks_back,
        died => preview.status == deceased && patient.status != deceased,
        change => plan_outlook::change_words(preview, zones, signed_in),
    }
}

/// Which date is meant, what is booked now and what would be, and what is odd about it (a closed day, a holiday, an hour
/// at which nobody works): told, never refused.
fn date_words(signed_in: &SignedIn, her_zone: &str, preview: &AppointmentPreview) -> Value {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::from(signed_in));
    let slot = |booked: &Booked| {
        let at = zone::resolve(&booked.zone).ok();
        let at = at.and_then(|found| {
            found.zone.to_ambiguous_timestamp(booked.on.to_datetime(booked.at)).compatible().ok()
        });
        context! {
            at => booked.on.to_datetime(booked.at).strftime("%a %-d %b %Y, %H:%M").to_string(),
            place => booked.place.clone(),
            hers => at.and_then(|at| times.elsewhere(at, her_zone)),
        }
    };
    let mut odd = Vec::new();
    if let Some(booked) = &preview.is {
        let remarks = clinic.policy.odd(booked.on, booked.at).unwrap_or_default();
        let hours = clinic.store.office_hours();
        // Where the day or the night is remarked on already, the hour needs no words of its own.
        if remarks.is_empty() && !hours.holds(booked.at) {
            let hour = |at: Time| at.strftime("%H:%M").to_string();
            odd.push(format!("The clinic works from {} to {}", hour(hours.opens), hour(hours.closes)));
        }
        odd.extend(remarks.iter().map(|remark| prose(&remark.to_string())));
    }
    odd.extend(preview.skipped.iter().map(|remark| prose(&remark.to_string())));
    odd.extend(preview.crowded.iter().map(|remark| prose(&remark.to_string())));
    context! {
        series => machine_words::series(&preview.series),
        was => preview.was.as_ref().map(slot),
        is => preview.is.as_ref().map(slot),
        kept_on => preview.kept_on.map(|on| on.strftime("%a %-d %b %Y").to_string()),
        seen => preview.seen.clone(),
        displaced => preview.displaced.map(|owed| place_taken(&preview.series, &owed)),
        odd,
    }
}

/// What a date far off takes the place of.
pub(in crate::web::console::patients) fn place_taken(series: &str, owed: &Owed) -> Value {
    context! {
        series => machine_words::series(series),
        due => day(owed.due_on),
        opens => day(owed.opens_on),
        closes => day(owed.closes_on),
    }
}

const fn heading(notice: Notice) -> &'static str {
    match notice {
        Notice::StatusChanged => "change where she stands",
        Notice::LettersWanted => "letters again",
        Notice::VisitAdded => "add a visit beside the plan",
        Notice::DateMoved => "move the date",
        Notice::VisitRecorded => "note that it took place",
        Notice::DateCalledOff => "call the date off",
        _ => "book a date",
    }
}
