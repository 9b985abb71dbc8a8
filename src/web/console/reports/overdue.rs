//! Who is overdue: a visit or test was due and nothing is booked, or its booked date has passed. Longest first, page by page; and all of them as a file.

use axum::extract::Query;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{csv_table, schedule_names};
use crate::journey::errors::step::StepError;
use crate::store::work::report::overdue::{OverdueFilter, OverdueVisit};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page};

/// Lines on a page.
const LINES: u32 = 50;

/// Lines of a file that are read at a time.
const LINES_AT_A_TIME: u32 = 10_000;

/// Whose, and after which line.
#[derive(Deserialize)]
pub(in crate::web::console) struct OverdueQuery {
    schedule: Option<String>,
    /// The last line of the page before, as `2027-01-31.17`.
    after: Option<String>,
}

impl OverdueQuery {
    fn after(&self) -> Option<(Date, i64)> {
        let (on, id) = self.after.as_deref()?.split_once('.')?;
        Some((on.parse().ok()?, id.parse().ok()?))
    }
}

/// One page of the list.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Query(query): Query<OverdueQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        signed_in.listed("overdue");
        match words(signed_in, &query) {
            Ok(words) => page::render(signed_in, "overdue", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn words(signed_in: &SignedIn, query: &OverdueQuery) -> Result<Value, StepError> {
    let today = TimeFormat::from(signed_in).today();
    let names = schedule_names::read(signed_in)?;
    let protocol = query.schedule.as_deref().filter(|name| !name.is_empty());
    let filter = OverdueFilter { today, protocol, after: query.after(), limit: LINES };
    let found = signed_in.clinic().store.read(|view| view.overdue_visits(&filter))?;
    let next = found.next().map(|last| format!("{}.{}", last.due_on, last.id));
    let lines: Vec<Value> = found
        .rows
        .iter()
        .map(|one| context! { protocol => names.title(&one.protocol), ..line(one, today) })
        .collect();
    let schedule = protocol.unwrap_or_default();
    Ok(context! { lines, next, is_later => query.after().is_some(), schedules => names.options(), schedule })
}

fn days(one: &OverdueVisit, today: Date) -> i32 {
    one.since().until(today).map_or(0, |span| span.get_days())
}

fn line(one: &OverdueVisit, today: Date) -> Value {
    let status = (!one.status.may_receive()).then(|| machine_words::status_name(one.status));
    context! {
        code => one.reference.clone(),
        name => one.name.clone(),
        status,
        what => machine_words::series(&one.series),
        due => day(one.due_on),
        passed => one.passed_on.map(day),
        days => days(one, today),
        closes => day(one.closes_on),
        // Nobody closes what stands still: the plan of somebody whom no letter reaches.
        is_closed => one.closes_on.saturating_add(1.day()) <= today,
    }
}

/// All of them as a file, by case code: a file travels further than a page, so no name stands in it.
pub(in crate::web::console::reports) fn file(
    signed_in: &SignedIn,
    protocol: Option<&str>,
) -> Result<Response, StepError> {
    signed_in.listed("overdue");
    let today = TimeFormat::from(signed_in).today();
    let header = ["reference", "status", "what", "schedule", "due_on", "days", "closes_on", "passed_on"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut after = None;
    loop {
        let filter = OverdueFilter { today, protocol, after, limit: LINES_AT_A_TIME };
        let found = signed_in.clinic().store.read(|view| view.overdue_visits(&filter))?;
        rows.extend(found.rows.iter().map(|one| cells(one, today)));
        after = found.next().map(|last| (last.due_on, last.id));
        if after.is_none() {
            return Ok(csv_table::download("overdue", &rows));
        }
    }
}

fn cells(one: &OverdueVisit, today: Date) -> Vec<String> {
    vec![
        one.reference.clone(),
        one.status.word().to_owned(),
        machine_words::series(&one.series),
        one.protocol.clone(),
        one.due_on.to_string(),
        days(one, today).to_string(),
        one.closes_on.to_string(),
        one.passed_on.map(|on| on.to_string()).unwrap_or_default(),
    ]
}
