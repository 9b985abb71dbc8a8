//! Several that share a cause, closed at once: the page lists those alike, each with a tick, and says of each that stays open
//! why.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::alert::lifecycle::{AlertOutcome, Disposition};
use crate::journey::commands::alike::{self, ClosedAlike};
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::{AlertClosure, AlertId};
use crate::store::work::alike::ALIKE_AT_ONCE;
use crate::web::console::alerts::closing::steps_done;
use crate::web::console::alerts::closure_words::{doing, found};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{page, step_words};
use crate::web::console::worklist::lines::{alert_line, task_line};
use crate::web::locale::reader::ReaderWords;

/// What is alike to what.
#[derive(Debug, Clone, Copy)]
enum Model {
    /// Tasks like this one.
    Task(i64),
    /// Alerts like this one.
    Alert(i64),
}

/// What of the page is filled in, and what became of the last try.
#[derive(Default)]
struct AlikeForm {
    refused: RefusedForm,
    stays: Vec<Value>,
    closed: usize,
}

/// Tasks like this one.
pub(in crate::web::console) async fn show_tasks(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |who| shown(who, Model::Task(id), StatusCode::OK, &AlikeForm::default()))
        .await
}

/// Alerts like this one.
pub(in crate::web::console) async fn show_alerts(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |who| shown(who, Model::Alert(id), StatusCode::OK, &AlikeForm::default()))
        .await
}

fn shown(signed_in: &SignedIn, model: Model, status: StatusCode, form: &AlikeForm) -> Response {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let found = signed_in.clinic().store.read(|view| {
        let (lines, what, path): (Vec<Value>, String, String) = match model {
            Model::Task(id) => {
                let all = view.tasks_alike(id)?;
                let what = prose(view.task(id)?.kind.ask());
                (all.iter().map(|one| task_line(one, &times)).collect(), what, format!("/tasks/{id}"))
            }
            Model::Alert(id) => {
                let all = view.alerts_alike(AlertId(id))?;
                let what = "Alerts that ring for the same reasons".to_owned();
                (all.iter().map(|one| alert_line(one, &times, &reader)).collect(), what, format!("/alerts/{id}"))
            }
        };
        // An MRI has a date of its own for each.
        let steps = Disposition::WORDS.into_iter().filter(|word| *word != "mri");
        Ok::<_, StepError>(context! {
            is_full => lines.len() >= ALIKE_AT_ONCE as usize,
            lines, what, path,
            alerts => matches!(model, Model::Alert(_)),
            done => steps.map(|word| context! { word, text => doing(word) }).collect::<Vec<_>>(),
            outcomes => AlertOutcome::ALL.iter().map(|one| context! { word => one.word(), text => found(*one) })
                .collect::<Vec<_>>(),
            refused => form.refused.words(),
            stays => form.stays.clone(),
            closed => form.closed,
        })
    });
    match found {
        Ok(words) => page::with_status(signed_in, status, "alike", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// Closes the tasks that were ticked, each with the note.
pub(in crate::web::console) async fn close_tasks(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let (ids, faults) = ticked(&fields);
    if !faults.is_empty() {
        return refused(signed_in, Model::Task(id), &fields, faults).await;
    }
    let ended = alike::close_tasks(signed_in.clinic(), signed_in.stamp(), ids, fields.note("note")).await;
    told(signed_in, Model::Task(id), &fields, ended).await
}

/// Takes the alerts on that were ticked and closes them, each with the same steps, outcome and note.
pub(in crate::web::console) async fn close_alerts(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let (ids, mut faults) = ticked(&fields);
    // No step that was ticked is left out: many alerts would be closed with fewer than were done.
    let dispositions = if fields.all("done").any(|word| word == "mri") {
        faults.push(FieldFault::new("done", "An MRI has a day of its own: close that alert by itself."));
        Vec::new()
    } else {
        steps_done(&fields).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        })
    };
    let outcome = AlertOutcome::parse(fields.get("outcome"));
    if outcome.is_none() {
        faults.push(FieldFault::new("outcome", "Choose what it turned out to be."));
    }
    match outcome.filter(|_| faults.is_empty()) {
        Some(outcome) => {
            let closure = AlertClosure { dispositions, outcome, note: fields.note("note") };
            let ended = alike::close_alerts(signed_in.clinic(), signed_in.stamp(), ids, closure).await;
            told(signed_in, Model::Alert(id), &fields, ended).await
        }
        None => refused(signed_in, Model::Alert(id), &fields, faults).await,
    }
}

/// What was ticked, and what is missing.
fn ticked(fields: &FormFields) -> (Vec<i64>, Vec<FieldFault>) {
    let ids: Vec<i64> =
        fields.all("one").filter_map(|id| id.parse().ok()).take(ALIKE_AT_ONCE as usize).collect();
    let mut faults = Vec::new();
    if ids.is_empty() {
        faults.push(FieldFault::new("one", "Tick those that you have dealt with."));
    }
    if fields.note("note").is_empty() {
        faults
            .push(FieldFault::new("note", "Write down what was done, in a few words: it stands with each."));
    }
    (ids, faults)
}

async fn refused(
    signed_in: SignedIn,
    model: Model,
    fields: &FormFields,
    faults: Vec<FieldFault>,
) -> Response {
    let form = AlikeForm { refused: RefusedForm::new(fields, faults), ..AlikeForm::default() };
    again(signed_in, model, StatusCode::UNPROCESSABLE_ENTITY, form).await
}

/// The list again, with the form as it was typed.
async fn again(signed_in: SignedIn, model: Model, status: StatusCode, form: AlikeForm) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, model, status, &form)).await
}

async fn told(
    signed_in: SignedIn,
    model: Model,
    fields: &FormFields,
    ended: Result<ClosedAlike, StepError>,
) -> Response {
    let ended = match ended {
        Ok(ended) => ended,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    if ended.refused.is_empty() {
        return page::saved(&signed_in, "/", Notice::AlikeClosed);
    }
    let stays = ended.refused.iter().map(|one| context! { id => one.id, why => step_words::told(&one.why) });
    let form = AlikeForm {
        refused: RefusedForm::new(fields, Vec::new()),
        stays: stays.collect(),
        closed: ended.closed.len(),
    };
    again(signed_in, model, StatusCode::CONFLICT, form).await
}
