//! What a patient's page can change: where she stands, her forms' lock, her dates. Each asks for a
//! sign that the right person is meant.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::care::patient::{PatientStatus, Reference};
use crate::care::record::reversal::ReversalEvent;
use crate::journey::commands::appointments::{CheckedAppointment, change_checked};
use crate::journey::commands::guards::waiting;
use crate::journey::commands::patient_record::CheckedStatus;
use crate::journey::commands::{clinical_record, patient_record};
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::Amendment;
use crate::store::mail::delivery::DeliveryId;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::patients::change_form::{self, ChangeRequest};
use crate::web::console::patients::{by_reference, call, change_check, contact, patient};

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
    let page = format!("/patients/{}", whose.in_path());
    if fields.get("act") == "contact" {
        return contact(signed_in, whose, &fields).await;
    }
    if fields.get("act") == "rang" {
        return call::form::submit(signed_in, whose, &fields).await;
    }
    let Some(notice) = notice(fields.get("act")) else { return StatusCode::BAD_REQUEST.into_response() };
    match fields.get("look") {
        "" => (),
        "back" => {
            let kept = RefusedForm::new(&fields, Vec::new());
            return again(signed_in, reference, StatusCode::OK, kept).await;
        }
        _ => {
            let look = move |signed_in: &SignedIn| {
                by_reference::of(signed_in, &reference, |patient| {
                    change_check::shown(signed_in, patient, &fields, notice)
                })
            };
            return page::blocking(signed_in, look).await;
        }
    }
    let before = letters_of(&signed_in, &whose);
    let done = match notice {
        Notice::DeathUndone => reversal(&signed_in, &whose, ReversalEvent::Agree).await,
        Notice::DeathStands => reversal(&signed_in, &whose, ReversalEvent::Decline).await,
        Notice::FormsOpened => unlock(&signed_in, &whose).await,
        Notice::BoneSpreadNoted => bone_spread(&signed_in, &whose).await,
        Notice::BoneSpreadWithdrawn => withdraw_bone_spread(&signed_in, &whose, &fields).await,
        _ => change(&signed_in, &whose, &fields, notice).await,
    };
    let fault = match done {
        Ok(()) => {
            signed_in.clinic().bells.letters.notify_one();
            let told = match notice {
                Notice::StatusChanged => as_it_stands(&signed_in, &whose, &fields),
                Notice::DateBooked | Notice::VisitAdded | Notice::DateMoved | Notice::DateCalledOff => {
                    letters_of(&signed_in, &whose).untold(&signed_in, &before).unwrap_or(notice)
                }
                other => other,
            };
            return page::saved(&signed_in, &page, told);
        }
        // Done before, her dates stand as this very form has left them: nobody else has changed them.
        Err(FormRefusal::Step(fault)) => {
            match (change_form::on_form(&fault, notice), page::done_before(&signed_in)) {
                (None, _) => return page::failed(&signed_in, &fault),
                (Some(_), Some(page)) => return page,
                (Some(field), None) => field,
            }
        }
        Err(FormRefusal::Field(field)) => field,
    };
    let refused = RefusedForm::new(&fields, vec![fault]);
    again(signed_in, reference, StatusCode::UNPROCESSABLE_ENTITY, refused).await
}

/// What became of a status that was asked for: it counts, waits for a second person, or meets an address that was refused.
fn as_it_stands(signed_in: &SignedIn, whose: &Reference, fields: &FormFields) -> Notice {
    let her = signed_in.clinic().store.read(|view| view.patient_by_reference(whose));
    match her.map(|her| her.status) {
        Ok(PatientStatus::Deceased) if fields.get("to") == PatientStatus::Deceased.word() => {
            Notice::DeathRecorded
        }
        Ok(PatientStatus::Deceased) => Notice::StatusAsked,
        Ok(PatientStatus::AddressBad) if fields.get("to") == PatientStatus::Active.word() => {
            Notice::AddressRefused
        }
        _ => Notice::StatusChanged,
    }
}

/// Her letters in the outbox.
struct OwnLetters(Vec<DeliveryId>);

fn letters_of(signed_in: &SignedIn, whose: &Reference) -> OwnLetters {
    let found = signed_in.clinic().store.read(|view| {
        let her = view.patient_by_reference(whose)?;
        view.letters_waiting(her.id)
    });
    OwnLetters(found.unwrap_or_default().iter().map(|letter| letter.id).collect())
}

impl OwnLetters {
    /// What the page says where one of them that was not there before does not leave.
    fn untold(&self, signed_in: &SignedIn, before: &Self) -> Option<Notice> {
        let new: Vec<_> = self.0.iter().filter(|id| !before.0.contains(id)).copied().collect();
        let (clinic, now) = (signed_in.clinic(), signed_in.now);
        let cause = clinic.store.read(|view| waiting::cause(view, &new, clinic, now));
        cause.ok().flatten().map(|_| Notice::DateUntold)
    }
}

/// Her page with the form as it was typed.
async fn again(signed_in: SignedIn, reference: String, status: StatusCode, form: RefusedForm) -> Response {
    page::blocking(signed_in, move |signed_in| patient::shown(signed_in, &reference, status, &form)).await
}

/// What the page says when the act of that form was done.
fn notice(act: &str) -> Option<Notice> {
    Some(match act {
        "status" => Notice::StatusChanged,
        "agree" => Notice::DeathUndone,
        "decline" => Notice::DeathStands,
        "unlock" => Notice::FormsOpened,
        "wants-again" => Notice::LettersWanted,
        "bone-spread" => Notice::BoneSpreadNoted,
        "withdraw-bone-spread" => Notice::BoneSpreadWithdrawn,
        "book" => Notice::DateBooked,
        "add" => Notice::VisitAdded,
        "move" => Notice::DateMoved,
        "done" => Notice::VisitRecorded,
        "cancel" => Notice::DateCalledOff,
        _ => return None,
    })
}

/// Her telephone numbers. What is refused comes back as it was typed.
async fn contact(signed_in: SignedIn, whose: Reference, fields: &FormFields) -> Response {
    let (reference, page) = (whose.as_str().to_owned(), format!("/patients/{}", whose.in_path()));
    let country = signed_in.app.deps.says.region.as_deref();
    let again = |signed_in, refused, error| {
        let reference = reference.clone();
        page::blocking(signed_in, move |s| patient::with_refused(s, &reference, &refused, error))
    };
    let today = TimeFormat::from(&signed_in).today();
    let change = match contact::read(fields, country, today) {
        Ok(change) => change,
        Err(refused) => return again(signed_in, refused, FAULTY).await,
    };
    match patient_record::change_contact(signed_in.clinic(), signed_in.stamp(), whose, change).await {
        Ok(()) => page::saved(&signed_in, &page, Notice::TelephoneSaved),
        Err(StepError::Record(RecordError::ContactChanged)) => {
            again(signed_in, RefusedForm::new(fields, Vec::new()), CHANGED).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

async fn reversal(signed_in: &SignedIn, whose: &Reference, answer: ReversalEvent) -> Result<(), FormRefusal> {
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

/// Does what a form asks for whose effect could be shown first.
async fn change(
    signed_in: &SignedIn,
    whose: &Reference,
    fields: &FormFields,
    notice: Notice,
) -> Result<(), FormRefusal> {
    let (clinic, stamp, whose) = (signed_in.clinic().clone(), signed_in.stamp(), whose.clone());
    let ask = change_form::read(&whose, fields, notice);
    let ask = ask.unwrap_or_else(|| Err(FieldFault::new("act", "Choose what is to be done.")));
    let done = match ask.map_err(FormRefusal::Field)? {
        ChangeRequest::Status(change) => {
            let ask = CheckedStatus { change, seen: PatientStatus::parse(fields.get("stood")).ok() };
            return Ok(patient_record::change_status(&clinic, stamp, whose, ask).await?);
        }
        ChangeRequest::Wishes(wants_again) => {
            let ask = Amendment { wants_again, ..Amendment::default() };
            let amend = move || {
                let id = clinic.store.read(|view| view.patient_by_reference(&whose))?.id;
                patient_record::amend_record(&clinic, stamp, id, ask)
            };
            tokio::task::spawn_blocking(amend).await
        }
        ChangeRequest::Date(ask) => {
            let seen = Some(fields.get("dates_seen").to_owned()).filter(|seen| !seen.is_empty());
            let ask = CheckedAppointment { command: ask, seen };
            let book = move || change_checked(&clinic, stamp, whose, ask).map(drop);
            tokio::task::spawn_blocking(book).await
        }
    };
    let unsure = "It could not be written down. Look before you try again.";
    Ok(done.map_err(|_| FormRefusal::Field(FieldFault::new("on", unsure)))??)
}
