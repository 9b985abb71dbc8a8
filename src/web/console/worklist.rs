//! What waits for a person: alerts by tier and clock, tasks by due date, silence by length and risk.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use minijinja::{Value, context};

use super::face::{Face, day, plain};
use super::show;
use super::visitor::Visitor;
use crate::care::alert::State;
use crate::care::task::Kind;
use crate::care::tier::Tier;
use crate::journey::{StepError, canary, chase};
use crate::store::alerts::Alert;
use crate::store::tasks::Task;

/// More silent patients than a person can ring in a week are counted, not listed.
const SILENT: usize = 40;
/// How long the list waits for the daemon to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// The worklist.
pub(super) async fn look(visitor: Visitor) -> Response {
    let ready = Arc::clone(&visitor.desk.ops.ready);
    // The question may wait for the database; the list does not wait with it for long.
    let asked = tokio::task::spawn_blocking(move || ready());
    let well = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(well)) => well,
        Ok(Err(_)) | Err(_) => Err("it does not answer".to_owned()),
    };
    match words(&visitor, well) {
        Ok(words) => show::page(&visitor, "worklist", words),
        Err(fault) => show::failed(&visitor.rooms, &fault),
    }
}

fn words(visitor: &Visitor, well: Result<(), String>) -> Result<Value, StepError> {
    let (clinic, face) = (visitor.clinic(), Face::of(visitor));
    let (alerts, tasks, test) = clinic
        .store
        .read(|view| Ok::<_, StepError>((view.alerts_open()?, view.tasks_open()?, view.has_open_test()?)))?;
    let silent = chase::silent(clinic, visitor.now)?;
    let more = silent.len().saturating_sub(SILENT);
    let silent: Vec<Value> = silent
        .iter()
        .take(SILENT)
        .map(|one| {
            let reach = plain(one.silence.reach.word());
            context! { code => one.silence.reference.clone(), days => one.days, unanswered => one.silence.unanswered, reach }
        })
        .collect();
    let (ringing, taken): (Vec<&Alert>, Vec<&Alert>) =
        alerts.iter().partition(|alert| alert.state == State::Raised);
    let lines = |alerts: Vec<&Alert>| alerts.into_iter().map(|a| alert_line(a, &face)).collect::<Vec<_>>();
    Ok(context! {
        banners => banners(visitor, &tasks, well)?,
        test,
        ringing => lines(ringing),
        taken => lines(taken),
        tasks_open => tasks.iter().map(|task| task_line(task, &face)).collect::<Vec<_>>(),
        silent,
        more,
    })
}

/// How a tier is called on screen; education mode has none.
pub(super) fn tier(tier: Option<Tier>) -> &'static str {
    tier.map_or("unsorted", Tier::word)
}

/// One alert in a list.
pub(super) fn alert_line(alert: &Alert, face: &Face) -> Value {
    let (left, overdue) = face.left(alert.due_at);
    context! {
        id => alert.id.0,
        code => alert.reference.clone(),
        tier => tier(alert.tier),
        state => alert.state.word(),
        left,
        overdue,
        raised => face.ago(alert.raised_at),
        by => alert.acknowledged.as_ref().map(|(by, _)| person(by)),
    }
}

/// One task in a list.
pub(super) fn task_line(task: &Task, face: &Face) -> Value {
    let (left, overdue) = face.left(task.due_at);
    context! {
        id => task.id,
        ask => task.kind.ask(),
        reason => task.reason.clone(),
        code => task.patient.as_ref().map(|(_, code)| code.clone()),
        open => task.state == "open",
        left,
        overdue,
    }
}

/// An actor as a name.
pub(super) fn person(actor: &str) -> String {
    actor.strip_prefix("staff:").unwrap_or(actor).to_owned()
}

/// What keeps letters or alerts from working, first and in words.
fn banners(visitor: &Visitor, tasks: &[Task], well: Result<(), String>) -> Result<Vec<String>, StepError> {
    let store = &visitor.clinic().store;
    let today = Face::of(visitor).today();
    let (uncovered, broken, walk) = store.read(|view| {
        let walk = view.last_walk(today)?;
        Ok::<_, StepError>((view.fact("no-cover")?, view.fact(canary::BROKEN)?, walk))
    })?;
    let mut banners = Vec::new();
    if tasks.iter().any(|task| task.kind == Kind::Hold) {
        banners.push("Letters to patients are held. See the task below; closing it lets them go.".to_owned());
    }
    if let Some(reason) = uncovered {
        banners.push(format!("Nobody on the ladder has proved reachable: {reason} Checklist letters say so until a test alert is acknowledged."));
    }
    if let Some(walk) = walk.filter(|walk| broken.is_some() && walk.state == "broken") {
        let reason = walk.reason.unwrap_or_default();
        banners.push(format!("The daily test of the whole chain failed on {}: {reason}", day(walk.on)));
    }
    if let Err(reason) = well {
        banners
            .push(format!("The daemon is not well: {reason}. Alerts may not ring by mail; watch this page."));
    }
    Ok(banners)
}
