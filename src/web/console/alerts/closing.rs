//! How an alert ends on its page: what was done, what it was and what follows; or that nobody knows yet what it was, and it
//! stays open.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::tz::TimeZone;

use crate::care::alert::closure_step::NONE;
use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::care::contact_kind::ContactKind;
use crate::care::permission::Act as Permission;
use crate::journey::commands::alerts;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::{self, ClosureRequest};
use crate::journey::sending_policy::zone;
use crate::store::alerts::lifecycle::{Alert, AlertClosure, AlertId};
use crate::store::work::contact_log::ContactReport;
use crate::web::console::alerts::alert_page::{again, to_page};
use crate::web::console::alerts::closure_form;
use crate::web::console::alerts::closure_words::{doing, mri_on};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::{page, step_words};
use crate::web::console::worklist::contact_form;
use crate::web::locale::reader::ReaderWords;

/// The fields of the page's part that ends the alert.
pub(in crate::web::console::alerts) const FIELDS: [&str; 5] = ["done", "mri_on", "outcome", "follow", "note"];

/// What is chosen as outcome while nobody knows it.
const NOT_KNOWN: &str = "not-known";

/// Ends the alert with what was done and what it was.
pub(in crate::web::console) async fn close(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    let alert = match signed_in.clinic().store.read(|view| view.alert(id)) {
        Ok(alert) => alert,
        Err(fault) => return page::failed(&signed_in, &fault.into()),
    };
    if !signed_in.who.role.may(Permission::closing(alert.tier)) {
        let refused =
            RefusedForm::new(&fields, vec![FieldFault::new("note", "A doctor or lead closes this alert.")]);
        return again(signed_in, id, StatusCode::FORBIDDEN, refused).await;
    }
    let read = match fields.get("outcome") {
        NOT_KNOWN => {
            let steps = steps_done(&fields).and_then(|steps| fitting(&signed_in, &alert, steps));
            so_far(steps, &fields, &ReaderWords::of(&signed_in.language)).map(AskedClosing::NotKnown)
        }
        _ => ending(&fields).map(AskedClosing::Known),
    };
    let (done, notice) = match with_log(read, &fields) {
        Ok(AskedClosing::Known(ending)) => {
            (alerts::close(signed_in.clinic(), signed_in.stamp(), id, ending).await, Notice::AlertClosed)
        }
        Ok(AskedClosing::NotKnown(report)) => {
            let kept = alerts::not_known(signed_in.clinic(), signed_in.stamp(), id, report).await;
            (kept, Notice::AlertNotKnown)
        }
        Err(faults) => {
            let refused = RefusedForm::new(&fields, faults);
            return again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
        }
    };
    match done {
        Ok(()) => page::saved(&signed_in, &format!("/alerts/{}", id.0), notice),
        // A colleague was quicker: what was typed stays on the page, beside what she wrote.
        Err(StepError::Alert(AlertError::AlertIs(..))) => {
            again(signed_in, id, StatusCode::CONFLICT, RefusedForm::new(&fields, Vec::new())).await
        }
        Err(fault) => beside(signed_in, id, &fields, &fault).await,
    }
}

/// A refused step beside its field, with everything that was typed; on a page of its own where it is about none.
async fn beside(signed_in: SignedIn, id: AlertId, fields: &FormFields, fault: &StepError) -> Response {
    let is_too_long = matches!(fault, StepError::Contact(ContactError::TooLong));
    let note = is_too_long.then(|| step_words::beside("note", fault));
    match note.or_else(|| closure_form::refusal(fault)) {
        Some(fault) => {
            let refused = RefusedForm::new(fields, vec![fault]);
            again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await
        }
        None => page::failed(&signed_in, fault),
    }
}

/// Takes further steps that follow from an alert that is closed.
pub(in crate::web::console) async fn follow(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    let fault = match closure_form::read(&fields) {
        Err(fault) => fault,
        Ok(steps) if steps.is_empty() => FieldFault::new("follow", "Choose at least one step."),
        Ok(steps) => match alerts::follow(signed_in.clinic(), signed_in.stamp(), id, steps).await {
            Ok(()) => {
                let log = fields.holds(&contact_form::FIELDS).then(|| RefusedForm::beside(&fields, &FIELDS));
                return to_page(signed_in, id, log, Notice::AlertFollowed).await;
            }
            Err(fault) => return beside(signed_in, id, &fields, &fault).await,
        },
    };
    let refused = RefusedForm::new(&fields, vec![fault]);
    again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await
}

/// What the part that ends the alert asks for.
enum AskedClosing {
    /// It is known what it was: the alert ends.
    Known(ClosureRequest),
    /// Nobody knows yet: it stays open, with what was done so far.
    NotKnown(ContactReport),
}

/// The same, unless something is typed for the call log and not in it.
fn with_log(
    read: Result<AskedClosing, Vec<FieldFault>>,
    fields: &FormFields,
) -> Result<AskedClosing, Vec<FieldFault>> {
    match (read, contact_form::unlogged(fields)) {
        (read, None) => read,
        (Ok(_), Some(fault)) => Err(vec![fault]),
        (Err(faults), Some(fault)) => Err(faults.into_iter().chain([fault]).collect()),
    }
}

/// The steps that were ticked; an MRI has a day.
pub(in crate::web::console::alerts) fn steps_done(
    fields: &FormFields,
) -> Result<Vec<Disposition>, Vec<FieldFault>> {
    let (mut dispositions, mut errors) = (Vec::new(), Vec::new());
    for word in fields.all("done") {
        let on = (word == "mri").then(|| fields.get("mri_on").parse().ok()).flatten();
        match Disposition::parse(word, on) {
            Some(done) => dispositions.push(done),
            None if word == "mri" => {
                errors.push(FieldFault::new("mri_on", "Give the date of the MRI, booked or done."))
            }
            None => errors.push(FieldFault::new("done", "That step is not known.")),
        }
    }
    if dispositions.is_empty() && errors.is_empty() {
        errors.push(FieldFault::new("done", "Choose what was done: at least one step."));
    }
    if errors.is_empty() { Ok(dispositions) } else { Err(errors) }
}

/// The same, unless an MRI has a day that cannot be that of the work-up.
fn fitting(
    signed_in: &SignedIn,
    alert: &Alert,
    steps: Vec<Disposition>,
) -> Result<Vec<Disposition>, Vec<FieldFault>> {
    let zone = zone(&signed_in.clinic().policy.zone).unwrap_or(TimeZone::UTC);
    match close_alert::mri_fits(alert, &steps, signed_in.now, &zone) {
        Ok(()) => Ok(steps),
        Err(fault) => Err(vec![step_words::beside("mri_on", &fault.into())]),
    }
}

/// What was done while nobody knows what it was, as an entry of the call log in the words of whoever writes it.
fn so_far(
    steps: Result<Vec<Disposition>, Vec<FieldFault>>,
    fields: &FormFields,
    reader: &ReaderWords,
) -> Result<ContactReport, Vec<FieldFault>> {
    let (steps, mut errors) = match steps {
        Ok(steps) => (steps, Vec::new()),
        Err(errors) => (Vec::new(), errors),
    };
    if fields.all("follow").next().is_some() {
        let text = "Nothing follows before it is known what it was.";
        errors.push(FieldFault::new("follow", text));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let said = |done: &Disposition| match done {
        Disposition::Mri(on) => reader.said(&mri_on(*on)),
        other => reader.said(doing(other.word())),
    };
    let steps = steps.iter().map(said).collect::<Vec<_>>().join("; ");
    let note = format!("{steps}\n{}", fields.note("note"));
    Ok(ContactReport {
        kind: ContactKind::Note,
        handed_to: None,
        note: note.trim_end().to_owned(),
        again_at: None,
    })
}

fn ending(fields: &FormFields) -> Result<ClosureRequest, Vec<FieldFault>> {
    let (dispositions, mut errors) = match steps_done(fields) {
        Ok(steps) => (steps, Vec::new()),
        Err(errors) => (Vec::new(), errors),
    };
    let outcome = AlertOutcome::parse(fields.get("outcome"));
    if outcome.is_none() {
        errors.push(FieldFault::new("outcome", "Choose what it turned out to be."));
    }
    let steps = closure_form::read(fields).unwrap_or_else(|fault| {
        errors.push(fault);
        Vec::new()
    });
    match outcome {
        Some(outcome) if errors.is_empty() => Ok(ClosureRequest {
            closure: AlertClosure { dispositions, outcome, note: fields.note("note") },
            steps,
            says_none: fields.all("follow").any(|word| word == NONE),
        }),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(of: &[(&str, &str)]) -> FormFields {
        FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
    }

    #[test]
    fn an_alert_is_not_closed_without_a_step_an_outcome_and_the_date_of_an_mri() {
        assert_eq!(ending(&fields(&[])).unwrap_err().len(), 2);
        assert_eq!(ending(&fields(&[("done", "mri"), ("outcome", "other-cause")])).unwrap_err().len(), 1);
        let whole = fields(&[
            ("done", "called"),
            ("done", "mri"),
            ("mri_on", "2026-02-24"),
            ("outcome", "spinal-spread"),
            ("note", " seen "),
        ]);
        let closure = ending(&whole).unwrap().closure;
        assert_eq!((closure.dispositions.len(), closure.note.as_str()), (2, "seen"));
        let pause = fields(&[("done", "called"), ("outcome", "spinal-spread"), ("follow", "pause")]);
        assert_eq!(ending(&pause).unwrap_err().len(), 1, "a pause has a last day");
    }
}
