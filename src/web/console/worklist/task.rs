//! One task, and the note that ends it.

use crate::web::console::layout::error_page;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::journey::commands::tasks;
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::patients::{contact, inbound_message};
use crate::web::console::worklist::lines::{person, task_line};

/// The page of a task.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, StatusCode::OK, "")).await
}

fn shown(signed_in: &SignedIn, id: i64, status: StatusCode, error: &str) -> Response {
    match words(signed_in, id, error) {
        Ok(words) => page::with_status(signed_in, status, "task", words),
        Err(fault) => error_page::failed(&signed_in.app, &fault.into()),
    }
}

fn words(signed_in: &SignedIn, id: i64, error: &str) -> Result<Value, StoreError> {
    let times = TimeFormat::of(signed_in);
    let (task, messages, contact) = signed_in.clinic().store.read(|view| {
        let task = view.task(id)?;
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        let contact = task.patient.as_ref().map(|(id, _)| view.contact(*id)).transpose()?;
        Ok::<_, StoreError>((task, messages, contact))
    })?;
    signed_in.saw("task", task.patient.as_ref().map_or("-", |(_, code)| code));
    let alert = task.cause.strip_prefix("alert/").and_then(|id| id.parse::<i64>().ok());
    Ok(context! {
        task => task_line(&task, &times),
        opened => times.moment(task.opened_at),
        due => times.moment(task.due_at),
        closed => task.closed.as_ref().map(|(by, note)| context! { by => person(by), note }),
        alert,
        contact => contact.map(|found| contact::words(&found.details)),
        messages => messages.iter().map(|one| inbound_message::line(one, &times)).collect::<Vec<_>>(),
        stands => task.kind.stands_while(),
        error,
    })
}

/// Ends the task with what was done.
pub(in crate::web::console) async fn close(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let note = fields.note("note");
    if note.is_empty() {
        let error = "Write down what was done, in a few words.";
        return shown(&signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, error);
    }
    match tasks::close(signed_in.clinic(), signed_in.stamp(), id, note).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(fault) => error_page::failed(&signed_in.app, &fault),
    }
}
