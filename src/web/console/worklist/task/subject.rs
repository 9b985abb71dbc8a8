//! What a task is about: the row that it was opened for, whether that is over, and what alone ends the task.

use jiff::Timestamp;

use crate::care::alert::lifecycle::AlertState;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::operations::close_task;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::tasks::Task;
use crate::web::console::auth::session::SignedIn;

/// What alone ends it. Once the window of a missed date is over, a person may say that it is done.
pub(super) fn ends_once(
    view: &View<'_>,
    task: &Task,
    now: Timestamp,
) -> Result<Option<&'static str>, StepError> {
    let is_over = task.kind == TaskKind::Missed && close_task::unkept(view, task.id, now)?.is_none();
    Ok(task.kind.ends_once().filter(|_| !is_over))
}

/// The form that a baseline is to be confirmed on: the newest that she sent off.
pub(super) fn form_of(view: &View<'_>, task: &Task) -> Result<Option<i64>, StoreError> {
    let her = task.patient.as_ref().filter(|_| task.kind == TaskKind::BaselineMissing);
    let Some((her, _)) = her else { return Ok(None) };
    let sent = view.responses_of(*her)?.into_iter().filter(|form| form.is_sent());
    Ok(sent.max_by_key(|form| form.answered_at).map(|form| form.id.0))
}

/// The row that a task was opened for, if it is of that kind.
pub(super) fn caused(task: &Task, by: &str) -> Option<i64> {
    task.cause.strip_prefix(by)?.split('/').next()?.parse().ok()
}

/// Whether the alert behind a task is closed: then nobody can take it on.
pub(super) fn has_ended(view: &View<'_>, task: &Task) -> Result<bool, StoreError> {
    let Some(id) = caused(task, "alert/") else { return Ok(false) };
    match view.alert(AlertId(id)) {
        Ok(alert) => Ok(alert.state == AlertState::Closed),
        Err(fault) if fault.is_not_found() || fault.is_unreadable() => Ok(true),
        Err(fault) => Err(fault),
    }
}

/// The alert that whoever read an answer has taken on with it, as long as it is open: it is theirs to close.
pub(super) fn own_alert(signed_in: &SignedIn, id: i64) -> Option<i64> {
    signed_in
        .clinic()
        .store
        .read(|view| {
            let task = view.task(id)?;
            let Some(alert) = caused(&task, "alert/").filter(|_| task.kind == TaskKind::ReadAnswer) else {
                return Ok::<_, StoreError>(None);
            };
            let alert = view.alert(AlertId(alert))?;
            let is_own =
                alert.acknowledged.as_ref().is_some_and(|(by, _)| *by == signed_in.stamp().actor.word());
            Ok((is_own && alert.state == AlertState::Acknowledged).then_some(alert.id.0))
        })
        .ok()
        .flatten()
}
