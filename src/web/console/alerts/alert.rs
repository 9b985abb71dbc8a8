//! One alert: what rang, why, what was answered; a signed-in person takes it on and closes it (P6).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::alert::lifecycle::{AlertOutcome, AlertState, Disposition};
use crate::care::permission::Act as Permission;
use crate::journey::commands::alerts;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_alert::ClosureRequest;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::alerts::lifecycle::{Alert, AlertClosure, AlertId};
use crate::store::work::contact_log::ContactSubject;
use crate::web::console::alerts::closure_form;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::machine_words::person;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::patients::response;
use crate::web::console::patients::response::ReadForm;
use crate::web::console::worklist::call_lines;
use crate::web::console::worklist::contact_form::{self, PageForms};
use crate::web::console::worklist::lines::alert_line;
use crate::web::locale::reader::ReaderWords;

/// The page of an alert.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    let forms = PageForms::default();
    page::blocking(signed_in, move |signed_in| shown(signed_in, AlertId(id), StatusCode::OK, &forms)).await
}

fn shown(signed_in: &SignedIn, id: AlertId, status: StatusCode, forms: &PageForms) -> Response {
    match words(signed_in, id, forms) {
        Ok((code, words)) => {
            signed_in.saw(ViewedPage::Alert, &code);
            page::with_status(signed_in, status, "alert", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: AlertId, page: &PageForms) -> Result<(String, Value), StepError> {
    let (times, reader) = (TimeFormat::of(signed_in), ReaderWords::of(&signed_in.language));
    signed_in.clinic().store.read(|view| {
        let alert = view.alert(id)?;
        let patient = view.patient(alert.patient)?;
        let told = view.notices_of(id)?.into_iter().map(|notice| {
            let why = match notice.why.as_str() {
                "everyone" => "everyone on the ladder",
                "again" => "told again",
                "owner" => "reminded that it is open",
                _ => "told in turn",
            };
            context! { at => times.moment(notice.told_at), why, how => notice.channel, whom => notice.rung }
        });
        let told: Vec<Value> = told.collect();
        let mut forms = Vec::new();
        for response in view.responses_of_alert(id)? {
            forms.push(response::form(view, &ReadForm::of(view, &response)?, signed_in)?);
        }
        let open = alert.state == AlertState::Acknowledged;
        let may = signed_in.who.role.may(Permission::closing(alert.tier));
        let words = context! {
            alert => alert_line(&alert, &times, &reader),
            raised_at => times.moment(alert.raised_at),
            due_at => times.moment(alert.due_at),
            overtaken => false,
            owner => alert.acknowledged.as_ref().map(|(by, _)| by.clone()),
            taken => alert.acknowledged.as_ref().map(|(by, at)| context! { by => reader.person(by), at => times.moment(*at) }),
            closed => closed(&alert, &times).map(|found| context! { by => alert.closed.as_ref().map(|(by, _)| reader.person(by)), ..found }),
            patient => response::patient(&patient),
            contact => call_lines::to_ring(view, patient.id, &times)?,
            forms,
            told,
            can_take => alert.state == AlertState::Raised,
            can_keep => open,
            left_by => alert.left_by.as_deref().filter(|_| alert.state == AlertState::Raised).map(|by| reader.person(by)),
            clock => alert.next_notice_at.filter(|at| open && *at > times.now).map(|at| times.moment(at)),
            can_close => open && may,
            needs_doctor => open && !may,
            done => Disposition::WORDS.into_iter().map(|w| context! { word => w, text => doing(w) }).collect::<Vec<_>>(),
            outcomes => AlertOutcome::ALL.iter().map(|o| context! { word => o.word(), text => found(*o) }).collect::<Vec<_>>(),
            today => times.today().to_string(),
            alike => view.alerts_alike(id)?.len() > 1 && may && alert.state != AlertState::Closed,
            follow => closure_form::words(view, signed_in, &alert, &patient)?,
            refused => page.refused.words(),
            log => contact_form::words(view, signed_in, ContactSubject::Alert(id), page)?,
        };
        Ok((alert.reference, words))
    })
}

/// How it ended: by whom, what was done, what it was.
pub(in crate::web::console) fn closed(alert: &Alert, times: &TimeFormat) -> Option<Value> {
    let (by, at) = alert.closed.as_ref()?;
    let done: Vec<serde_json::Value> =
        serde_json::from_str(alert.dispositions.as_deref().unwrap_or("[]")).unwrap_or_default();
    let done = done.iter().map(|step| {
        match step["on"].as_str().and_then(|on| on.parse().ok()) {
            // It alone has a day.
            Some(on) => format!("MRI of the spine on {}", day(on)),
            None => doing(step["word"].as_str().unwrap_or_default()).to_owned(),
        }
    });
    Some(context! {
        by => person(by),
        at => times.moment(*at),
        done => done.collect::<Vec<_>>(),
        outcome => alert.outcome.map(found),
        note => alert.note.clone(),
    })
}

pub(in crate::web::console) fn doing(word: &str) -> &str {
    match word {
        "called" => "Called the patient",
        "mri" => "MRI of the spine",
        "ct" => "CT",
        "bone-scan" => "Bone scan",
        "pet-ct" => "PET-CT",
        "biopsy" => "CT-guided biopsy",
        "bloods" => "Blood tests",
        "referral" => "Referral to another team",
        other => other,
    }
}

pub(in crate::web::console) const fn found(outcome: AlertOutcome) -> &'static str {
    match outcome {
        AlertOutcome::SpinalSpread => "Spread to the spine",
        AlertOutcome::OtherRecurrence => "Recurrence elsewhere",
        AlertOutcome::OtherCause => "Another cause",
        AlertOutcome::FalseAlarm => "False alarm",
    }
}

/// Takes the alert on: it rings no more.
pub(in crate::web::console) async fn acknowledge(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let done = alerts::acknowledge(signed_in.clinic(), signed_in.stamp(), AlertId(id)).await;
    taken(signed_in, AlertId(id), done, Notice::AlertTaken).await
}

/// Keeps it: she was spoken with, and what it was is not known yet.
pub(in crate::web::console) async fn keep(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    let owner = match owner(&signed_in, id) {
        Ok(owner) => owner,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    // Whoever keeps it has it from then on: not from a page that did not show in whose hands it is.
    let seen = fields.get("owner");
    if owner.is_some_and(|by| !seen.is_empty() && by != seen && by != signed_in.stamp().actor.word()) {
        return page::blocking(signed_in, move |signed_in| overtaken(signed_in, id)).await;
    }
    let done = alerts::keep(signed_in.clinic(), signed_in.stamp(), id).await;
    taken(signed_in, id, done, Notice::AlertKept).await
}

/// Who has the alert in hand.
fn owner(signed_in: &SignedIn, id: AlertId) -> Result<Option<String>, StepError> {
    let alert = signed_in.clinic().store.read(|view| view.alert(id))?;
    Ok(alert.acknowledged.filter(|_| alert.state == AlertState::Acknowledged).map(|(by, _)| by))
}

async fn taken(signed_in: SignedIn, id: AlertId, done: Result<(), StepError>, notice: Notice) -> Response {
    let path = format!("/alerts/{}", id.0);
    match done {
        Ok(()) => page::saved(&signed_in, &path, notice),
        // Sent twice: it is hers all the same.
        Err(StepError::Alert(AlertError::AlertIs(..)))
            if notice == Notice::AlertTaken
                && owner(&signed_in, id).ok().flatten() == Some(signed_in.stamp().actor.word()) =>
        {
            page::saved(&signed_in, &path, notice)
        }
        Err(StepError::Alert(AlertError::AlertIs(..))) => {
            page::blocking(signed_in, move |signed_in| overtaken(signed_in, id)).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// Someone else was quicker: the page says who, and that nothing was saved.
fn overtaken(signed_in: &SignedIn, id: AlertId) -> Response {
    match words(signed_in, id, &PageForms::default()) {
        Ok((code, words)) => {
            signed_in.saw(ViewedPage::Alert, &code);
            let words = context! { overtaken => true, ..words };
            page::with_status(signed_in, StatusCode::CONFLICT, "alert", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// Adds to the call log; what is handed over is the colleague's from then on.
pub(in crate::web::console) async fn log(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    match contact_form::log(&signed_in, ContactSubject::Alert(AlertId(id)), &fields).await {
        Ok(()) => page::saved(&signed_in, &format!("/alerts/{id}"), Notice::CallLogged),
        Err(Ok(log)) => {
            let forms = PageForms::log_refused(log);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page::blocking(signed_in, move |signed_in| shown(signed_in, AlertId(id), status, &forms)).await
        }
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}

/// Ends the alert with what was done and what it was.
pub(in crate::web::console) async fn close(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    let tier = match signed_in.clinic().store.read(|view| view.alert(id)) {
        Ok(alert) => alert.tier,
        Err(fault) => return page::failed(&signed_in, &fault.into()),
    };
    if !signed_in.who.role.may(Permission::closing(tier)) {
        let refused =
            RefusedForm::new(&fields, vec![FieldFault::new("note", "A doctor or lead closes this alert.")]);
        return again(signed_in, id, StatusCode::FORBIDDEN, refused).await;
    }
    let ending = match ending(&fields) {
        Ok(ending) => ending,
        Err(faults) => {
            let refused = RefusedForm::new(&fields, faults);
            return again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
        }
    };
    match alerts::close(signed_in.clinic(), signed_in.stamp(), id, ending).await {
        Ok(()) => page::saved(&signed_in, &format!("/alerts/{}", id.0), Notice::AlertClosed),
        // A colleague was quicker: what was typed stays on the page, beside what she wrote.
        Err(StepError::Alert(AlertError::AlertIs(..))) => {
            again(signed_in, id, StatusCode::CONFLICT, RefusedForm::new(&fields, Vec::new())).await
        }
        Err(fault) => beside(signed_in, id, &fields, &fault).await,
    }
}

/// The alert again, with what was typed and why it was refused.
async fn again(signed_in: SignedIn, id: AlertId, status: StatusCode, refused: RefusedForm) -> Response {
    let forms = PageForms::refused(refused);
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &forms)).await
}

/// A refused step beside its field, with everything that was typed; on a page of its own where it is about none.
async fn beside(signed_in: SignedIn, id: AlertId, fields: &FormFields, fault: &StepError) -> Response {
    match closure_form::refusal(fault) {
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
            Ok(()) => return page::saved(&signed_in, &format!("/alerts/{}", id.0), Notice::AlertFollowed),
            Err(fault) => return beside(signed_in, id, &fields, &fault).await,
        },
    };
    let refused = RefusedForm::new(&fields, vec![fault]);
    again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await
}

fn ending(fields: &FormFields) -> Result<ClosureRequest, Vec<FieldFault>> {
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
