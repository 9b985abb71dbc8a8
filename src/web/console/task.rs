//! One task, and the note that ends it.

use crate::web::console::error_page;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use super::worklist::{person, task_line};
use super::{inbound_message, layout};
use crate::journey::commands::signed_in;
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::time_format::Face;

/// The page of a task.
pub(super) async fn look(visitor: SignedIn, Path(id): Path<i64>) -> Response {
    layout::beside(visitor, move |visitor| shown(visitor, id, (StatusCode::OK, ""))).await
}

fn shown(visitor: &SignedIn, id: i64, outcome: (StatusCode, &str)) -> Response {
    match words(visitor, id, outcome.1) {
        Ok(words) => layout::with_status(visitor, outcome.0, "task", words),
        Err(fault) => error_page::failed(&visitor.rooms, &fault.into()),
    }
}

fn words(visitor: &SignedIn, id: i64, error: &str) -> Result<Value, StoreError> {
    let face = Face::of(visitor);
    let (task, messages) = visitor.clinic().store.read(|view| {
        let task = view.task(id)?;
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        Ok::<_, StoreError>((task, messages))
    })?;
    visitor.saw("task", task.patient.as_ref().map_or("-", |(_, code)| code));
    let alert = task.cause.strip_prefix("alert/").and_then(|id| id.parse::<i64>().ok());
    Ok(context! {
        task => task_line(&task, &face),
        opened => face.moment(task.opened_at),
        due => face.moment(task.due_at),
        closed => task.closed.as_ref().map(|(by, note)| context! { by => person(by), note }),
        alert,
        messages => messages.iter().map(|one| inbound_message::line(one, &face)).collect::<Vec<_>>(),
        stands => task.kind.stands_while(),
        error,
    })
}

/// Ends the task with what was done.
pub(super) async fn close(Path(id): Path<i64>, SignedPost { visitor, fields }: SignedPost) -> Response {
    let note = fields.note("note");
    if note.is_empty() {
        let error = "Write down what was done, in a few words.";
        return shown(&visitor, id, (StatusCode::UNPROCESSABLE_ENTITY, error));
    }
    match signed_in::close_task(visitor.clinic(), visitor.stamp(), id, note).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(fault) => error_page::failed(&visitor.rooms, &fault),
    }
}
