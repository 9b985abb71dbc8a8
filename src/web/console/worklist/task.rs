//! One task: who works on it, what was tried, and the note that ends it.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::actor::Actor;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::journey::commands::{contact_log, tasks};
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::roster::RosterError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::assign_task::{OwnerSeen, SnoozeRequest};
use crate::journey::operations::restore::held_letters;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;
use crate::store::work::tasks::Task;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::imports::booking_list::{self, BookingQuery};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{page, step_words};
use crate::web::console::patients::inbound_message;
use crate::web::console::worklist::call_lines;
use crate::web::console::worklist::contact_form::{self, PageForms, field_fault};
use crate::web::console::worklist::lines::task_line;
use crate::web::locale::reader::ReaderWords;

/// The page of a task.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Query(part): Query<BookingQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, id, &PageForms::default(), part) {
        Ok(words) => page::render(signed_in, "task", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    })
    .await
}

fn shown(signed_in: &SignedIn, id: i64, status: StatusCode, forms: &PageForms) -> Response {
    match words(signed_in, id, forms, BookingQuery::default()) {
        Ok(words) => page::with_status(signed_in, status, "task", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

fn words(signed_in: &SignedIn, id: i64, forms: &PageForms, part: BookingQuery) -> Result<Value, StoreError> {
    let times = TimeFormat::of(signed_in);
    let (task, messages, contact, log, bookings, alike, since) = signed_in.clinic().store.read(|view| {
        let task = view.task(id)?;
        let since = view.task_owner_since(id)?;
        let alike = task.state == TaskState::Open && view.tasks_alike(id)?.len() > 1;
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        let contact =
            task.patient.as_ref().map(|(id, _)| call_lines::to_ring(view, *id, &times)).transpose()?;
        let log = contact_form::words(view, signed_in, ContactSubject::Task(id), forms)?;
        let bookings = booking_list::words(view, &task, part, &times)?;
        Ok::<_, StoreError>((task, messages, contact, log, bookings, alike, since))
    })?;
    if let Some((_, code)) = &task.patient {
        signed_in.saw(ViewedPage::Task, code);
    }
    let caused = |by: &str| task.cause.strip_prefix(by)?.split('/').next()?.parse::<i64>().ok();
    let (today, reader) = (times.today(), ReaderWords::of(&signed_in.language));
    Ok(context! {
        task => task_line(&task, &times),
        opened => times.moment(task.opened_at),
        due => times.moment(task.due_at),
        closed => task.closed.as_ref().map(|(by, note)| closed(&reader, by, note)),
        alert => caused("alert/"),
        letter => caused("delivery/"),
        form => form_of(&task),
        restored => task.kind == TaskKind::Hold && task.cause == held_letters::CAUSE,
        bookings,
        contact,
        messages => messages.iter().map(|one| inbound_message::line(one, &times)).collect::<Vec<_>>(),
        stands => task.kind.stands_while().map(prose),
        ends_once => task.kind.ends_once(),
        since => since.filter(|_| task.owner.is_some()).map(|at| times.moment(at)),
        overtaken => false,
        is_mine => task.owner.as_deref() == Some(signed_in.who.name.as_str()),
        may_wait => task.kind.may_wait(),
        tomorrow => today.tomorrow().unwrap_or(today).to_string(),
        log,
        alike,
        refused => forms.refused.words(),
    })
}

/// The form that a baseline is to be confirmed on: the first number of the reason.
fn form_of(task: &Task) -> Option<i64> {
    let mut words = task.reason.split(' ').filter(|_| task.kind == TaskKind::BaselineMissing);
    words.find_map(|word| word.parse().ok())
}

/// Who ended it and what was done: the program's own note is said to the reader, a person's stays as it was typed.
fn closed(reader: &ReaderWords, by: &str, note: &str) -> Value {
    let note = match Actor::parse(by) {
        Some(Actor::Daemon) => reader.said(&prose(note)),
        _ => note.to_owned(),
    };
    context! { by => reader.person(by), note }
}

/// Ends the task with what was done.
pub(in crate::web::console) async fn close(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let note = fields.note("note");
    if note.is_empty() {
        let fault = FieldFault::new("note", "Write down what was done, in a few words.");
        let refused = RefusedForm::new(&fields, vec![fault]);
        return again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
    }
    match tasks::close(signed_in.clinic(), signed_in.stamp(), id, note).await {
        Ok(()) => page::saved(&signed_in, "/", Notice::TaskDone),
        // A colleague was quicker: what was typed stays on the page. A task that never was stays unknown.
        Err(StepError::Store(fault)) if fault.is_not_found() => {
            again(signed_in, id, StatusCode::CONFLICT, RefusedForm::new(&fields, Vec::new())).await
        }
        Err(fault @ StepError::Store(_)) => page::failed(&signed_in, &fault),
        Err(fault) => {
            let refused = RefusedForm::new(&fields, vec![step_words::beside("note", &fault)]);
            again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await
        }
    }
}

/// The task again, with what was typed and why it was refused.
async fn again(signed_in: SignedIn, id: i64, status: StatusCode, refused: RefusedForm) -> Response {
    let forms = PageForms::refused(refused);
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &forms)).await
}

/// Takes somebody off the list of an import, with the reason.
pub(in crate::web::console) async fn settle(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let Some(form) = booking_list::read(id, &fields) else {
        return page::failed(&signed_in, &StoreError::not_found("that line of the list").into());
    };
    page::blocking(signed_in, move |signed_in| {
        let line = form.ask.follow_up.0;
        match tasks::settle_booking(&signed_in.clinic().store, signed_in.stamp(), form.ask) {
            Ok(()) => page::saved(signed_in, &format!("/tasks/{id}"), Notice::BookingSettled),
            Err(StepError::Roster(RosterError::NoReason)) => {
                let text = "Say in a few words why no date is booked.";
                let fault = FieldFault::new(format!("note-{line}"), text);
                let forms = PageForms::refused(RefusedForm::new(&fields, vec![fault]));
                match words(signed_in, id, &forms, form.page) {
                    Ok(words) => {
                        page::with_status(signed_in, StatusCode::UNPROCESSABLE_ENTITY, "task", words)
                    }
                    Err(fault) => page::failed(signed_in, &fault.into()),
                }
            }
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// Adds to the call log; what is handed over is the colleague's.
pub(in crate::web::console) async fn log(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let done = contact_form::log(&signed_in, ContactSubject::Task(id), &fields).await;
    answer(signed_in, id, done.map(|()| Notice::CallLogged)).await
}

/// Whoever is signed in works on it; from a list she comes back to the list. The form says who had it on the page that it was
/// sent from: where a colleague took it on since, nothing is saved and the page says who.
pub(in crate::web::console) async fn claim(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let owner = Some(fields.get("owner").to_owned()).filter(|name| !name.is_empty());
    let claimed = contact_log::claim(signed_in.clinic(), signed_in.stamp(), id, OwnerSeen::Was(owner)).await;
    match (claimed, list_of(&fields)) {
        (Err(StepError::Contact(ContactError::HeldBy(_))), _) => {
            page::blocking(signed_in, move |signed_in| overtaken(signed_in, id)).await
        }
        (Ok(_), Some(list)) => page::saved(&signed_in, &list, Notice::TaskClaimed),
        (Ok(_), None) => answer(signed_in, id, Ok(Notice::TaskClaimed)).await,
        (Err(fault), _) => {
            let refused = field_fault(fault).map(|fault| RefusedForm::new(&fields, vec![fault]));
            answer(signed_in, id, Err(refused)).await
        }
    }
}

/// The task as it stands, with who took it on meanwhile.
fn overtaken(signed_in: &SignedIn, id: i64) -> Response {
    match words(signed_in, id, &PageForms::default(), BookingQuery::default()) {
        Ok(words) => {
            let words = context! { overtaken => true, ..words };
            page::with_status(signed_in, StatusCode::CONFLICT, "task", words)
        }
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

/// The list that a form was sent from.
fn list_of(fields: &FormFields) -> Option<String> {
    match (fields.get("from"), TaskKind::parse(fields.get("kind"))) {
        ("today", _) => Some("/".to_owned()),
        ("list", None) => Some("/tasks".to_owned()),
        ("list", Some(kind)) => Some(format!("/tasks?kind={}", kind.word())),
        _ => None,
    }
}

/// Puts it off until a day.
pub(in crate::web::console) async fn snooze(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let done = put_off(&signed_in, id, &fields).await;
    answer(signed_in, id, done.map(|()| Notice::TaskPutOff)).await
}

async fn put_off(
    signed_in: &SignedIn,
    id: i64,
    fields: &FormFields,
) -> Result<(), Result<RefusedForm, StepError>> {
    let refused = |fault| RefusedForm::new(fields, vec![fault]);
    let until = fields.get("until").parse();
    let until =
        until.map_err(|_| Ok(refused(FieldFault::new("until", "Give the day on which it comes back."))))?;
    let ask = SnoozeRequest { until, reason: fields.note("reason") };
    match contact_log::snooze(signed_in.clinic(), signed_in.stamp(), id, ask).await {
        Ok(_) => Ok(()),
        Err(fault) => Err(field_fault(fault).map(refused)),
    }
}

async fn answer(
    signed_in: SignedIn,
    id: i64,
    done: Result<Notice, Result<RefusedForm, StepError>>,
) -> Response {
    match done {
        Ok(notice) => page::saved(&signed_in, &format!("/tasks/{id}"), notice),
        Err(Ok(log)) => {
            let forms = PageForms::log_refused(log);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &forms)).await
        }
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}
