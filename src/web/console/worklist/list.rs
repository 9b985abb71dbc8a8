//! What waits for a person: alerts by tier and clock, tasks by due date, silence by length and risk.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::alert::lifecycle::AlertState;
use crate::care::canary::CanaryState;
use crate::care::task::TaskKind;
use crate::journey::answers::nonresponse::{self, ListPage};
use crate::journey::errors::step::StepError;
use crate::journey::operations::canary;
use crate::store::alerts::lifecycle::Alert;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;
use crate::store::work::task_pages::{TaskFilter, TaskScope};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::{TimeFormat, day, plain};
use crate::web::console::worklist::contact_form;
use crate::web::console::worklist::lines::{alert_line, task_line};

/// Tasks on a page.
const TASKS: u32 = 50;
/// Silent patients on a page: as many as a person can ring in a week.
const SILENT: u32 = 40;
/// How long the list waits for the daemon to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// Which part of the lists is looked at.
#[derive(Deserialize)]
pub(in crate::web::console) struct WorklistQuery {
    /// Only tasks of this kind.
    #[serde(default)]
    kind: String,
    /// Not empty: tasks that are put off.
    #[serde(default)]
    put_off: String,
    /// The last task of the page before; `None` begins with the first.
    after: Option<i64>,
    /// How many silent patients the pages before have shown.
    #[serde(default)]
    silent: u32,
}

/// Shows what waits for a person.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<WorklistQuery>) -> Response {
    let ready = Arc::clone(&signed_in.console.ops.ready);
    // The question may wait for the database; the list does not wait with it for long.
    let asked = tokio::task::spawn_blocking(move || ready());
    let well = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(well)) => well,
        Ok(Err(_)) | Err(_) => Err("it does not answer".to_owned()),
    };
    page::blocking(signed_in, move |signed_in| match words(signed_in, &ask, well) {
        Ok(words) => page::render(signed_in, "worklist", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, ask: &WorklistQuery, well: Result<(), String>) -> Result<Value, StepError> {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::of(signed_in));
    let (ringing, taken, tasks, test) = clinic.store.read(|view| {
        let alerts = view.alerts_open()?;
        let (ringing, taken): (Vec<&Alert>, Vec<&Alert>) =
            alerts.iter().partition(|alert| alert.state == AlertState::Raised);
        let (ringing, taken) = (alerts_words(view, &ringing, &times)?, alerts_words(view, &taken, &times)?);
        Ok::<_, StepError>((ringing, taken, tasks(view, ask, &times)?, view.has_open_test()?))
    })?;
    Ok(context! {
        banners => banners(signed_in, well)?,
        test,
        ringing,
        taken,
        tasks,
        silence => silence(signed_in, ask.silent)?,
    })
}

/// Alerts as lines, each with what was tried last.
fn alerts_words(view: &View<'_>, alerts: &[&Alert], times: &TimeFormat) -> Result<Vec<Value>, StoreError> {
    let line = |alert: &&Alert| {
        let last = contact_form::last(view, ContactSubject::Alert(alert.id), times)?;
        Ok(context! { last, ..alert_line(alert, times) })
    };
    alerts.iter().map(line).collect()
}

/// A page of the open tasks, and how many there are of each kind.
fn tasks(view: &View<'_>, ask: &WorklistQuery, times: &TimeFormat) -> Result<Value, StoreError> {
    let kind = TaskKind::parse(&ask.kind);
    let scope = if ask.put_off.is_empty() { TaskScope::Waiting } else { TaskScope::Snoozed };
    let page = view.task_page(&TaskFilter { kind, scope, now: times.now, after: ask.after, limit: TASKS })?;
    let kinds = view.tasks_by_kind(times.now)?;
    let total = kinds.iter().map(|(_, count)| count).sum::<u32>();
    let chips = kinds.iter().map(|(kind, count)| {
        context! { word => kind.word(), name => plain(kind.word()), count }
    });
    let mut shown = Vec::new();
    for task in &page.tasks {
        let last = contact_form::last(view, ContactSubject::Task(task.id), times)?;
        shown.push(context! { last, ..task_line(task, times) });
    }
    Ok(context! {
        shown,
        snoozed => view.tasks_snoozed(times.now)?,
        only_snoozed => scope == TaskScope::Snoozed,
        kinds => chips.collect::<Vec<_>>(),
        only => kind.map(|kind| context! { word => kind.word(), name => plain(kind.word()) }),
        total,
        is_long => total > TASKS,
        next => page.next,
        is_later => ask.after.is_some(),
    })
}

/// A page of those from whom an answer is awaited.
fn silence(signed_in: &SignedIn, skip: u32) -> Result<Value, StepError> {
    let found = nonresponse::silent(signed_in.clinic(), signed_in.now, ListPage { limit: SILENT, skip })?;
    let lines = found.ranked.iter().map(|one| {
        let reach = plain(one.silence.reach.word());
        context! { code => one.silence.reference.clone(), days => one.days, unanswered => one.silence.unanswered, reach }
    });
    let seen = skip.saturating_add(SILENT);
    Ok(context! {
        shown => lines.collect::<Vec<_>>(),
        total => found.total,
        next => (seen < found.total).then_some(seen),
        is_later => skip > 0,
    })
}

/// What keeps letters or alerts from working, first and in words.
fn banners(signed_in: &SignedIn, well: Result<(), String>) -> Result<Vec<String>, StepError> {
    let store = &signed_in.clinic().store;
    let today = TimeFormat::of(signed_in).today();
    let (uncovered, broken, walk, is_held) = store.read(|view| {
        let walk = view.last_walk(today)?;
        let (uncovered, broken) = (view.fact("no-cover")?, view.fact(canary::BROKEN)?);
        Ok::<_, StepError>((uncovered, broken, walk, view.is_held()?))
    })?;
    let mut banners = Vec::new();
    if is_held {
        banners
            .push("Letters to patients are held. See the task for it; closing it lets them go.".to_owned());
    }
    if let Some(reason) = uncovered {
        banners.push(format!("Nobody on the ladder has proved reachable: {reason} Checklist letters say so until a test alert is acknowledged."));
    }
    if let Some(walk) = walk.filter(|walk| broken.is_some() && walk.state == CanaryState::Broken) {
        let reason = walk.reason.unwrap_or_default();
        banners.push(format!("The daily test of the whole chain failed on {}: {reason}", day(walk.on)));
    }
    if let Err(reason) = well {
        banners
            .push(format!("The daemon is not well: {reason}. Alerts may not ring by mail; watch this page."));
    }
    Ok(banners)
}
