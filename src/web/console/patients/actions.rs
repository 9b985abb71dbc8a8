//! What a patient's page can change: where she stands, her forms' lock, her dates. Each asks for a
//! sign that the right person is meant.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::civil::{Date, Time};

use crate::care::one_line::is_place;
use crate::care::patient::{PatientStatus, Reference};
use crate::journey::commands::appointments::{AppointmentCommand, change_appointment};
use crate::journey::commands::{clinical_record, patient_record};
use crate::journey::errors::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::{
    AppointmentSlot, BookingRequest, CancellationRequest, CompletedVisit, Tell,
};
use crate::journey::status_change::StatusChange;
use crate::store::people::death_reversals::ReversalOutcome;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::{page, step_words};
use crate::web::console::patients::{contact, patient};

const FAULTY: &str = "Her telephone numbers are below, with what is wrong beside each.";

const CHANGED: &str = "Somebody else has changed her telephone numbers in the meantime. Beside \"Ring her\" is what stands there \
                       now, in the form what you typed. Save again to put yours in its place.";

/// Why a form was not taken.
enum FormRefusal {
    /// A field is missing or cannot be read.
    Field(FieldFault),
    /// As the step that was refused says it.
    Step(StepError),
}

impl<E: Into<StepError>> From<E> for FormRefusal {
    fn from(fault: E) -> Self {
        Self::Step(fault.into())
    }
}

/// Does what one of the page's forms asks.
pub(in crate::web::console) async fn submit(
    Path(reference): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let Ok(whose) = Reference::parse(&reference) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if fields.get("act") == "contact" {
        return contact(&signed_in, whose, &fields).await;
    }
    let Some(notice) = notice(fields.get("act")) else { return StatusCode::BAD_REQUEST.into_response() };
    let done = match notice {
        Notice::StatusChanged => status(&signed_in, &whose, &fields).await,
        Notice::DeathUndone => reversal(&signed_in, &whose, ReversalOutcome::Agreed).await,
        Notice::DeathStands => reversal(&signed_in, &whose, ReversalOutcome::Declined).await,
        Notice::FormsOpened => unlock(&signed_in, &whose).await,
        Notice::BoneSpreadNoted => bone_spread(&signed_in, &whose).await,
        Notice::BoneSpreadWithdrawn => withdraw_bone_spread(&signed_in, &whose, &fields).await,
        _ => dates(&signed_in, &whose, &fields).await,
    };
    let fault = match done {
        Ok(()) => {
            signed_in.clinic().bells.letters.notify_one();
            return page::saved(&signed_in, &format!("/patients/{reference}"), notice);
        }
        Err(FormRefusal::Step(fault)) => match on_form(&fault, notice) {
            Some(field) => field,
            None => return page::failed(&signed_in, &fault),
        },
        Err(FormRefusal::Field(field)) => field,
    };
    let refused = RefusedForm::new(&fields, vec![fault]);
    patient::shown(&signed_in, &reference, StatusCode::UNPROCESSABLE_ENTITY, &refused)
}

/// What the page says when the act of that form was done.
fn notice(act: &str) -> Option<Notice> {
    Some(match act {
        "status" => Notice::StatusChanged,
        "agree" => Notice::DeathUndone,
        "decline" => Notice::DeathStands,
        "unlock" => Notice::FormsOpened,
        "bone-spread" => Notice::BoneSpreadNoted,
        "withdraw-bone-spread" => Notice::BoneSpreadWithdrawn,
        "book" => Notice::DateBooked,
        "move" => Notice::DateMoved,
        "done" => Notice::VisitRecorded,
        "cancel" => Notice::DateCalledOff,
        _ => return None,
    })
}

/// A refused step beside the field that it is about; `None` where the form has nothing to type.
fn on_form(fault: &StepError, notice: Notice) -> Option<FieldFault> {
    let main = match notice {
        Notice::StatusChanged => "to",
        Notice::BoneSpreadWithdrawn if step_words::field(fault).is_some() => "withdraw_reason",
        Notice::DateBooked | Notice::DateMoved | Notice::VisitRecorded | Notice::DateCalledOff => "on",
        _ => return None,
    };
    if matches!(fault, StepError::Store(_)) {
        return None;
    }
    let text = format!("{} {}", step_words::fault(fault), step_words::next(fault));
    Some(FieldFault::new(step_words::field(fault).unwrap_or(main), text.trim()))
}

fn missing(field: &'static str, text: &'static str) -> FormRefusal {
    FormRefusal::Field(FieldFault::new(field, text))
}

async fn status(signed_in: &SignedIn, whose: &Reference, fields: &FormFields) -> Result<(), FormRefusal> {
    let to = PatientStatus::parse(fields.get("to")).map_err(|_| missing("to", "Choose a status."))?;
    let reason = fields.note("reason");
    if reason.is_empty() {
        return Err(missing("reason", "Say why the status changes, in a few words."));
    }
    if fields.get("sure") != whose.as_str() {
        return Err(missing("sure", "Type the case code once more, so that it is surely the right person."));
    }
    let until: Option<Date> = match fields.get("until") {
        "" => None,
        text => Some(text.parse().map_err(|_| missing("until", "The last day of the pause is no date."))?),
    };
    let second = Some(fields.note("confirmed_by")).filter(|name| !name.is_empty());
    let ask = StatusChange { to, reason, until, confirmed_by: second };
    Ok(patient_record::change_status(signed_in.clinic(), signed_in.stamp(), whose.clone(), ask).await?)
}

/// Her telephone numbers. What is refused comes back as it was typed.
async fn contact(signed_in: &SignedIn, whose: Reference, fields: &FormFields) -> Response {
    let reference = whose.as_str().to_owned();
    let country = signed_in.app.deps.says.region.as_deref();
    let change = match contact::read(fields, country) {
        Ok(change) => change,
        Err(refused) => return patient::with_refused(signed_in, &reference, &refused, FAULTY),
    };
    match patient_record::change_contact(signed_in.clinic(), signed_in.stamp(), whose, change).await {
        Ok(()) => page::saved(signed_in, &format!("/patients/{reference}"), Notice::TelephoneSaved),
        Err(StepError::Record(RecordError::ContactChanged)) => {
            patient::with_refused(signed_in, &reference, &RefusedForm::new(fields, Vec::new()), CHANGED)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

async fn reversal(
    signed_in: &SignedIn,
    whose: &Reference,
    answer: ReversalOutcome,
) -> Result<(), FormRefusal> {
    Ok(patient_record::answer_reversal(signed_in.clinic(), signed_in.stamp(), whose.clone(), answer).await?)
}

async fn unlock(signed_in: &SignedIn, whose: &Reference) -> Result<(), FormRefusal> {
    Ok(patient_record::unlock(signed_in.clinic(), signed_in.stamp(), whose.clone()).await?)
}

async fn bone_spread(signed_in: &SignedIn, whose: &Reference) -> Result<(), FormRefusal> {
    Ok(clinical_record::note_bone_spread(signed_in.clinic(), signed_in.stamp(), whose.clone()).await?)
}

async fn withdraw_bone_spread(
    signed_in: &SignedIn,
    whose: &Reference,
    fields: &FormFields,
) -> Result<(), FormRefusal> {
    let (clinic, stamp, reason) = (signed_in.clinic(), signed_in.stamp(), fields.note("withdraw_reason"));
    Ok(clinical_record::withdraw_bone_spread(clinic, stamp, whose.clone(), reason).await?)
}

async fn dates(signed_in: &SignedIn, whose: &Reference, fields: &FormFields) -> Result<(), FormRefusal> {
    let what = wanted(fields).map_err(FormRefusal::Field)?;
    let (clinic, stamp, whose) = (signed_in.clinic().clone(), signed_in.stamp(), whose.clone());
    let booked = tokio::task::spawn_blocking(move || change_appointment(&clinic, stamp, whose, what)).await;
    booked.map_err(|_| missing("on", "The date could not be written down. Look before you try again."))??;
    Ok(())
}

/// What the form of dates asks for.
fn wanted(fields: &FormFields) -> Result<AppointmentCommand, FieldFault> {
    let series = Some(fields.get("series").to_owned()).filter(|series| !series.is_empty());
    let tell = if fields.get("tell").is_empty() { Tell::Nobody } else { Tell::Patient };
    let on = || fields.get("on").parse::<Date>().map_err(|_| FieldFault::new("on", "Give the date."));
    let wish = || -> Result<BookingRequest, FieldFault> {
        let at = fields.get("at").parse::<Time>();
        let at = at.map_err(|_| FieldFault::new("at", "Give the time, such as 09:30."))?;
        let place = fields.note("place");
        if !is_place(&place) {
            return Err(FieldFault::new("place", "Name the place in a few words, on one line."));
        }
        let slot = AppointmentSlot { on: on()?, at, place };
        let anyway = !fields.get("anyway").is_empty();
        Ok(BookingRequest { series: series.clone(), slot, tell, anyway })
    };
    Ok(match fields.get("act") {
        "book" => AppointmentCommand::Book(wish()?),
        "move" => AppointmentCommand::Move(wish()?),
        "done" => {
            AppointmentCommand::Done(CompletedVisit { series, on: on()?, source: fields.note("place") })
        }
        _ => {
            let reason = Some(fields.note("place")).filter(|why| !why.is_empty());
            AppointmentCommand::Cancel(CancellationRequest { series, tell, reason })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_time_books_nothing() {
        let fields = |of: &[(&str, &str)]| {
            FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
        };
        assert!(wanted(&fields(&[("act", "book"), ("on", "2026-03-02")])).is_err());
        let whole = fields(&[("act", "book"), ("on", "2026-03-02"), ("at", "09:30"), ("tell", "yes")]);
        let Ok(AppointmentCommand::Book(wish)) = wanted(&whole) else { panic!("no booking") };
        assert_eq!((wish.series, wish.tell), (None, Tell::Patient));
    }
}
