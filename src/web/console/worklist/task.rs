//! One task: who works on it, what was tried, and the note that ends it.

mod subject;

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
use crate::journey::operations::assign_task::SnoozeRequest;
use crate::journey::operations::restore::held_letters;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::imports::booking_list::{self, BookingQuery};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{page, step_words};
use crate::web::console::patients::inbound_message;
use crate::web::console::worklist::contact_form::{self, field_fault};
use crate::web::console::worklist::lines::task_line;
use crate::web::console::worklist::task::subject::{caused, ends_once, form_of, has_ended, own_alert};
use crate::web::console::worklist::{call_lines, task_words};
use crate::web::locale::reader::ReaderWords;

/// The page of a task.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Query(part): Query<BookingQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, id, &RefusedForm::default(), part) {
        Ok(words) => page::render(signed_in, "task", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn shown(signed_in: &SignedIn, id: i64, status: StatusCode, form: &RefusedForm) -> Response {
    match words(signed_in, id, form, BookingQuery::default()) {
        Ok(words) => page::with_status(signed_in, status, "task", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: i64, form: &RefusedForm, part: BookingQuery) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let (task, read) = signed_in.clinic().store.read(|view| {
        let task = view.task(id)?;
        let since = view.task_owner_since(id)?.filter(|_| task.owner.is_some());
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        let her = task.patient.as_ref().map(|(id, _)| *id);
        let read = context! {
            patient => her.map(|id| call_lines::identity(view, id)).transpose()?.flatten(),
            contact => her.map(|id| call_lines::to_ring(view, id, &times)).transpose()?,
            log => contact_form::words(view, signed_in, ContactSubject::Task(id), form)?,
            bookings => booking_list::words(view, &task, part, &times)?,
            alike => task.state == TaskState::Open && view.tasks_alike(id)?.len() > 1,
            sharing => view.inbound_sharing(&task.cause, task.opened_at)?,
            messages => messages.iter().map(|one| inbound_message::line(one, &times)).collect::<Vec<_>>(),
            since => since.map(|at| times.moment(at)),
            form => form_of(view, &task)?,
            ends_once => ends_once(view, &task, times.now)?,
            alert_ended => has_ended(view, &task)?,
        };
        Ok::<_, StepError>((task, read))
    })?;
    if let Some((_, code)) = &task.patient {
        signed_in.saw(ViewedPage::Task, code);
    }
    let (today, reader) = (times.today(), ReaderWords::of(&signed_in.language));
    Ok(context! {
        task => task_line(&task, &times),
        opened => times.moment(task.opened_at),
        due => times.moment(task.due_at),
        closed => task.closed.as_ref().map(|(by, note)| closed(&reader, by, note)),
        alert => caused(&task, "alert/"),
        letter => caused(&task, "delivery/"),
        way => task_words::way(&task, signed_in.who.role),
        restored => task.kind == TaskKind::Hold && task.cause == held_letters::CAUSE,
        stands => task.kind.stands_while().map(prose),
        overtaken => false,
        is_mine => task.owner.as_deref() == Some(signed_in.who.name.as_str()),
        may_wait => task.kind.may_wait(),
        tomorrow => today.tomorrow().unwrap_or(today).to_string(),
        refused => form.words(),
        ..read
    })
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
    let mut faults = Vec::new();
    if note.is_empty() {
        faults.push(FieldFault::new("note", "Write down what was done, in a few words."));
    }
    faults.extend(contact_form::unlogged(&fields));
    faults.extend(unsent(&fields, &SNOOZING, "This was not put off yet: put it off, or clear it."));
    faults.extend(booking_list::unsettled(&fields, &[]));
    if !faults.is_empty() {
        return again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, RefusedForm::new(&fields, faults))
            .await;
    }
    match tasks::close(signed_in.clinic(), signed_in.stamp(), id, note).await {
        Ok(()) => match own_alert(&signed_in, id) {
            Some(alert) => page::saved(&signed_in, &format!("/alerts/{alert}"), Notice::AnswerRead),
            None => page::saved(&signed_in, "/", Notice::TaskDone),
        },
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

/// The fields of the part that puts the task off.
const SNOOZING: [&str; 2] = ["until", "reason"];
/// The field of the part that ends it.
const CLOSING: [&str; 1] = ["note"];

/// What is wrong with ending the task while something else is typed in these fields.
fn unsent(fields: &FormFields, names: &[&str], text: &str) -> Option<FieldFault> {
    let first = names.iter().find(|name| fields.holds(&[name]))?;
    Some(FieldFault::new(*first, text))
}

/// What was typed in parts of the page other than that of these fields, which was sent off.
fn rest(fields: &FormFields, sent: &[&str]) -> Option<RefusedForm> {
    let parts = contact_form::FIELDS.iter().chain(&SNOOZING).chain(&CLOSING);
    let others: Vec<&str> = parts.filter(|name| !sent.contains(name)).copied().collect();
    let is_typed = fields.holds(&others) || booking_list::unsettled(fields, sent).is_some();
    is_typed.then(|| RefusedForm::beside(fields, sent))
}

/// The task again, with what was typed and why it was refused.
async fn again(signed_in: SignedIn, id: i64, status: StatusCode, form: RefusedForm) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, status, &form)).await
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
        match tasks::settle_booking(&signed_in.clinic().store, signed_in.stamp(), form.ask) {
            Ok(()) => match rest(&fields, &[&form.field]) {
                None => page::saved(signed_in, &format!("/tasks/{id}"), Notice::BookingSettled),
                Some(rest) => {
                    let told = page::told_here(signed_in.clone(), Notice::BookingSettled);
                    shown(&told, id, StatusCode::OK, &rest)
                }
            },
            Err(StepError::Roster(RosterError::NoReason)) => {
                let text = "Say in a few words why no date is booked.";
                let fault = FieldFault::new(form.field.clone(), text);
                let refused = RefusedForm::beside(&fields, &[]).with(fault);
                match words(signed_in, id, &refused, form.page) {
                    Ok(words) => {
                        page::with_status(signed_in, StatusCode::UNPROCESSABLE_ENTITY, "task", words)
                    }
                    Err(fault) => page::failed(signed_in, &fault),
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
    let rest = rest(&fields, &contact_form::FIELDS);
    answer(signed_in, id, done.map(|notice| SavedPart { notice, rest })).await
}

/// Whoever is signed in works on it; from a list she comes back to the list. The form says who had it on the page that it was
/// sent from: where a colleague took it on since, nothing is saved and the page says who.
pub(in crate::web::console) async fn claim(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let owner = Some(fields.get("owner").to_owned()).filter(|name| !name.is_empty());
    let claimed = contact_log::claim(signed_in.clinic(), signed_in.stamp(), id, OwnerSeen::Was(owner)).await;
    let list = list_of(&fields);
    let rest = rest(&fields, &[]).filter(|_| list.is_none());
    match (claimed, list) {
        (Err(StepError::Contact(ContactError::HeldBy(_))), _) => {
            let form = rest.unwrap_or_default();
            page::blocking(signed_in, move |signed_in| overtaken(signed_in, id, &form)).await
        }
        (Ok(_), Some(list)) => page::saved(&signed_in, &list, Notice::TaskClaimed),
        (Ok(_), None) => answer(signed_in, id, Ok(SavedPart { notice: Notice::TaskClaimed, rest })).await,
        (Err(fault), _) => {
            let refused = field_fault(fault).map(|fault| RefusedForm::beside(&fields, &[]).with(fault));
            answer(signed_in, id, Err(refused)).await
        }
    }
}

/// The task as it stands, with who took it on meanwhile.
fn overtaken(signed_in: &SignedIn, id: i64, form: &RefusedForm) -> Response {
    match words(signed_in, id, form, BookingQuery::default()) {
        Ok(words) => {
            let words = context! { overtaken => true, ..words };
            page::with_status(signed_in, StatusCode::CONFLICT, "task", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
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
    answer(signed_in, id, done.map(|()| SavedPart { notice: Notice::TaskPutOff, rest: None })).await
}

async fn put_off(
    signed_in: &SignedIn,
    id: i64,
    fields: &FormFields,
) -> Result<(), Result<RefusedForm, StepError>> {
    let refused = |fault| RefusedForm::beside(fields, &[]).with(fault);
    // It leaves the worklist, and whoever put it off leaves its page.
    let closing = "This was not saved yet: mark the task as done, or clear it.";
    let unsaved = contact_form::unlogged(fields).or_else(|| unsent(fields, &CLOSING, closing));
    if let Some(fault) = unsaved.or_else(|| booking_list::unsettled(fields, &[])) {
        return Err(Ok(refused(fault)));
    }
    let until = fields.get("until").parse();
    let until =
        until.map_err(|_| Ok(refused(FieldFault::new("until", "Give the day on which it comes back."))))?;
    let ask = SnoozeRequest { until, reason: fields.note("reason") };
    match contact_log::snooze(signed_in.clinic(), signed_in.stamp(), id, ask).await {
        Ok(_) => Ok(()),
        Err(fault) => Err(field_fault(fault).map(refused)),
    }
}

/// What a button of the page did, and what else was typed on the page.
struct SavedPart {
    notice: Notice,
    rest: Option<RefusedForm>,
}

async fn answer(
    signed_in: SignedIn,
    id: i64,
    done: Result<SavedPart, Result<RefusedForm, StepError>>,
) -> Response {
    match done {
        Ok(SavedPart { notice, rest: None }) => page::saved(&signed_in, &format!("/tasks/{id}"), notice),
        Ok(SavedPart { notice, rest: Some(rest) }) => {
            again(page::told_here(signed_in, notice), id, StatusCode::OK, rest).await
        }
        Err(Ok(refused)) => again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await,
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}
