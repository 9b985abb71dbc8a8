//! The first screen: whom must I call now? Alerts with names and numbers, tasks by what is to be done, silence, letters that
//! failed, whether mail works, who is on duty, what leaves.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::answers::nonresponse::ListPage;
use crate::journey::errors::step::StepError;
use crate::store::alerts::alert_pages::{AlertFilter, AlertScope};
use crate::store::db::transaction::View;
use crate::store::work::task_pages::{TaskFilter, TaskGroup};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::headers::PageScript;
use crate::web::console::layout::page;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::worklist::call_lines::{alert_to_ring, task_to_do};
use crate::web::console::worklist::health::{self, DaemonHealth};
use crate::web::console::worklist::list::{self, WorklistQuery};
use crate::web::console::worklist::{cover_week, failed_letters, leaving, silence, start, task_words};
use crate::web::locale::reader::ReaderWords;

/// Alerts that are shown of those that ring, and of those taken on; the others stand on the list of alerts.
const ALERTS: u32 = 25;
/// Tasks that are shown of a kind.
const TASKS: u32 = 3;
/// Silent patients that are shown.
const SILENT: u32 = 10;

/// Shows what waits for a person today; the list of tasks where the address asks for a part of it.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<WorklistQuery>) -> Response {
    if ask.is_list() {
        return list::show(signed_in, Query(ask)).await;
    }
    let mut page = screen(signed_in, "today").await;
    page.extensions_mut().insert(PageScript);
    page
}

/// The part of the first screen that renews itself.
pub(in crate::web::console) async fn live(signed_in: SignedIn) -> Response {
    screen(signed_in, "live").await
}

async fn screen(signed_in: SignedIn, name: &'static str) -> Response {
    let daemon = health::ask_daemon(&signed_in).await;
    page::blocking(signed_in, move |signed_in| {
        if name == "today" {
            signed_in.listed("today");
        }
        match words(signed_in, &daemon) {
            Ok(words) => page::with_status(signed_in, StatusCode::OK, name, words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn words(signed_in: &SignedIn, daemon: &DaemonHealth) -> Result<Value, StepError> {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::from(signed_in));
    let words = clinic.store.read(|view| {
        Ok::<_, StepError>(context! {
            banners => health::banners(view, &times, daemon)?,
            health => health::words(view, signed_in, &times, daemon)?,
            test => view.has_open_test()?,
            alerts => alerts(view, signed_in, &times)?,
            tasks => tasks(view, signed_in, &times)?,
            failed => failed_letters::words(view, signed_in, &times)?,
            leaving => leaving::counts(view, &times)?,
            start => start::open(view, signed_in)?,
        })
    })?;
    Ok(context! {
        silence => silence::words(signed_in, ListPage { limit: SILENT, skip: 0 })?,
        cover => cover_week::words(&signed_in.app.deps.config, &times),
        renewed => times.clock(),
        ..words
    })
}

fn alerts(view: &View<'_>, signed_in: &SignedIn, times: &TimeFormat) -> Result<Value, StepError> {
    let reader = ReaderWords::of(&signed_in.language);
    let of = |scope| {
        let page = view.alert_page(&AlertFilter { scope, limit: ALERTS, ..AlertFilter::default() })?;
        let lines = page.alerts.iter().map(|(alert, _)| alert_to_ring(view, alert, times, &reader));
        Ok::<_, StepError>(lines.collect::<Result<Vec<Value>, _>>()?)
    };
    let count = view.alert_count()?;
    Ok(context! {
        ringing => of(AlertScope::Ringing)?,
        taken => of(AlertScope::Taken)?,
        ringing_total => count.ringing,
        taken_total => count.taken,
        ringing_more => count.ringing > ALERTS,
        taken_more => count.taken > ALERTS,
    })
}

/// The waiting tasks by what is to be done, the first few of each.
fn tasks(view: &View<'_>, signed_in: &SignedIn, times: &TimeFormat) -> Result<Value, StepError> {
    let groups = view.task_groups(times.now)?;
    let total: u32 = groups.iter().map(|group| group.count).sum();
    let overdue: u32 = groups.iter().map(|group| group.overdue).sum();
    let group = |group: &TaskGroup| {
        let filter =
            TaskFilter { kind: Some(group.kind), now: times.now, limit: TASKS, ..TaskFilter::default() };
        let shown = view.task_page(&filter)?.tasks;
        let lines = shown.iter().map(|task| task_to_do(view, task, times, signed_in.who.role));
        Ok::<_, StepError>(context! {
            word => group.kind.word(),
            title => task_words::title(group.kind),
            ask => prose(group.kind.ask()),
            count => group.count,
            overdue => group.overdue,
            more => group.count > TASKS,
            shown => lines.collect::<Result<Vec<Value>, _>>()?,
        })
    };
    Ok(context! {
        groups => groups.iter().map(group).collect::<Result<Vec<Value>, _>>()?,
        total,
        overdue,
        mine => view.tasks_owned(&signed_in.who.name, times.now)?,
        snoozed => view.tasks_snoozed(times.now)?,
    })
}
