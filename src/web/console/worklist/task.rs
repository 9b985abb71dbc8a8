//! One task, and the note that ends it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::commands::tasks;
use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{page, step_words};
use crate::web::console::patients::{contact, inbound_message};
use crate::web::console::worklist::lines::{person, task_line};

/// The page of a task.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, id, StatusCode::OK, &RefusedForm::default()))
        .await
}

fn shown(signed_in: &SignedIn, id: i64, status: StatusCode, refused: &RefusedForm) -> Response {
    match words(signed_in, id, refused) {
        Ok(words) => page::with_status(signed_in, status, "task", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

fn words(signed_in: &SignedIn, id: i64, refused: &RefusedForm) -> Result<Value, StoreError> {
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
        refused => refused.words(),
    })
}

/// Ends the task with what was done.
pub(in crate::web::console) async fn close(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let note = fields.note("note");
    if note.is_empty() {
        let fault = FieldFault::new("note", "Write down what was done, in a few words.");
        return shown(
            &signed_in,
            id,
            StatusCode::UNPROCESSABLE_ENTITY,
            &RefusedForm::new(&fields, vec![fault]),
        );
    }
    match tasks::close(signed_in.clinic(), signed_in.stamp(), id, note).await {
        Ok(()) => page::saved(&signed_in, "/", Notice::TaskDone),
        // A colleague was quicker: what was typed stays on the page. A task that never was stays unknown.
        Err(StepError::Store(fault)) if fault.is_not_found() => {
            shown(&signed_in, id, StatusCode::CONFLICT, &RefusedForm::new(&fields, Vec::new()))
        }
        Err(fault @ StepError::Store(_)) => page::failed(&signed_in, &fault),
        Err(fault) => {
            let text = format!("{} {}", step_words::fault(&fault), step_words::next(&fault));
            let refused = RefusedForm::new(&fields, vec![FieldFault::new("note", text.trim())]);
            shown(&signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, &refused)
        }
    }
}
