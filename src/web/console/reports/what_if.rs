//! "What if": how many letters, calls and visits the months to come ask for, as things stand and after a change, before
//! anybody is moved. Asked for by a form, counted in the background, shown as a chart and a table.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::{Value, context};

use super::chart::{BarChart, ChartSeries};
use super::csv_table;
use super::forecast_run::{ForecastQuestion, ForecastStage};
use crate::care::plan::protocol::Protocol;
use crate::care::time::calendar::end_of_day;
use crate::journey::errors::step::StepError;
use crate::journey::forecast::clinic_ahead::{Forecast, ForecastRequest};
use crate::journey::forecast::plan_move::PlanMove;
use crate::journey::protocols;
use crate::journey::sending_policy::zone;
use crate::store::work::monthly_load::{MonthCounts, MonthlyLoad};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::protocols::list::title_for;
use crate::web::locale::reader::ReaderWords;

/// How far one may look ahead.
const YEARS: [u8; 4] = [1, 2, 5, 10];

/// The page with its form and the last count.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| shown(signed_in, StatusCode::OK, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, status: StatusCode, refused: &RefusedForm) -> Response {
    let choices = match choices(signed_in) {
        Ok(choices) => choices,
        Err(fault) => return page::failed(signed_in, &fault),
    };
    let last = signed_in.console.forecasts.last();
    let runs = matches!(last, Some((_, ForecastStage::Runs(..))));
    let run = last.map(|(question, stage)| run_words(&question, &stage, signed_in, &choices));
    let option = |one: &Choice| context! { name => one.protocol.id.clone(), title => one.title.clone() };
    let from: Vec<Value> = choices.iter().filter(|c| c.is_used).map(option).collect();
    let to: Vec<Value> = choices.iter().filter(|c| c.is_in_force).map(option).collect();
    let words = context! { years => YEARS, from, to, runs, run, refused => refused.words() };
    page::with_status(signed_in, status, "what-if", words)
}

/// Begins a count; while one runs, its page is shown instead.
pub(in crate::web::console) async fn begin(SignedPost { signed_in, fields }: SignedPost) -> Response {
    page::blocking(signed_in, move |signed_in| match asked(signed_in, &fields) {
        Ok(Ok((question, request))) => {
            match signed_in.console.forecasts.begin(signed_in.clinic(), question, request) {
                Ok(()) => Redirect::to("/what-if").into_response(),
                Err(fault) => {
                    tracing::error!(%fault, "a forecast could not begin");
                    StatusCode::SERVICE_UNAVAILABLE.into_response()
                }
            }
        }
        Ok(Err(faults)) => {
            shown(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &RefusedForm::new(&fields, faults))
        }
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// Ends the count that runs.
pub(in crate::web::console) async fn end(SignedPost { signed_in, .. }: SignedPost) -> Response {
    signed_in.console.forecasts.end();
    Redirect::to("/what-if").into_response()
}

/// The last count as CSV.
pub(in crate::web::console) async fn csv(signed_in: SignedIn) -> Response {
    let Some((_, ForecastStage::Done(counted))) = signed_in.console.forecasts.last() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let header = ["month", "letters", "calls", "visits", "letters_then", "calls_then", "visits_then"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (month, now, then) in months(&counted) {
        let counts = |c: MonthCounts| [c.letters, c.calls, c.visits].map(|n| n.to_string());
        let mut row = vec![month.strftime("%Y-%m").to_string()];
        row.extend(counts(now));
        row.extend(then.map(counts).unwrap_or_default());
        rows.push(row);
    }
    csv_table::download("what-if", &rows)
}

/// A protocol that somebody is on, or may be put on.
struct Choice {
    protocol: Arc<Protocol>,
    /// What it is called in the reader's language.
    title: String,
    is_used: bool,
    is_in_force: bool,
}

/// Every protocol that is in force or in use, in the version in force where there is one.
fn choices(signed_in: &SignedIn) -> Result<Vec<Choice>, StepError> {
    signed_in.clinic().store.read(|view| {
        let mut choices: Vec<Choice> = Vec::new();
        let in_force = protocols::in_force::in_force(view, signed_in.clinic())?;
        for version in view.protocol_versions()? {
            let is_in_force = in_force.values().any(|one| one.version == version.id);
            let is_used = version.patients > 0;
            if !is_in_force && !is_used {
                continue;
            }
            let protocol = signed_in.clinic().protocol_cache.get(view, version.id)?;
            // An older version is called as the one in force, where that has the same title.
            let origin =
                in_force.values().find(|one| one.protocol.title == protocol.title).map(|one| one.origin);
            let title = title_for(signed_in, &protocol.title, origin);
            match choices.iter_mut().find(|c| c.protocol.id == protocol.id) {
                Some(known) => {
                    known.is_used |= is_used;
                    if is_in_force {
                        known.is_in_force = true;
                        (known.protocol, known.title) = (protocol, title);
                    }
                }
                None => choices.push(Choice { protocol, title, is_used, is_in_force }),
            }
        }
        choices.sort_by(|a, b| a.title.cmp(&b.title));
        Ok(choices)
    })
}

type Asked = Result<(ForecastQuestion, ForecastRequest), Vec<FieldFault>>;

fn asked(signed_in: &SignedIn, fields: &FormFields) -> Result<Asked, StepError> {
    let (mut faults, choices) = (Vec::new(), choices(signed_in)?);
    let years = fields.get("years").parse().ok().filter(|years| YEARS.contains(years));
    if years.is_none() {
        faults.push(FieldFault::new("years", "Choose how far to look ahead."));
    }
    let (from, to) = (fields.get("from"), fields.get("to"));
    let known = |name: &str| choices.iter().find(|c| c.protocol.id == name);
    let left = known(from).filter(|c| c.is_used);
    let taken = known(to).filter(|c| c.is_in_force);
    if left.is_none() && !(from.is_empty() && to.is_empty()) {
        faults.push(FieldFault::new("from", "Choose the schedule that would be left."));
    }
    if taken.is_none() && !(from.is_empty() && to.is_empty()) {
        faults.push(FieldFault::new("to", "Choose the schedule that would take its place."));
    }
    let (Some(years), true) = (years, faults.is_empty()) else { return Ok(Err(faults)) };
    let here = zone(&signed_in.clinic().policy.zone)?;
    let last = TimeFormat::from(signed_in).today().saturating_add(i64::from(years).years());
    let change = left.zip(taken);
    let question = ForecastQuestion {
        by: signed_in.who.name.clone(),
        asked_at: signed_in.now,
        years,
        change: change.map(|(from, to)| [from.protocol.id.clone(), to.protocol.id.clone()]),
    };
    let change =
        change.map(|(from, to)| PlanMove { from: from.protocol.id.clone(), to: Arc::clone(&to.protocol) });
    let request = ForecastRequest { from: signed_in.now, until: end_of_day(last, &here), change };
    Ok(Ok((question, request)))
}

fn run_words(
    question: &ForecastQuestion,
    stage: &ForecastStage,
    signed_in: &SignedIn,
    choices: &[Choice],
) -> Value {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let stage = match stage {
        ForecastStage::Runs(done, all) => context! { runs => true, done, all => all.max(&1) },
        ForecastStage::Ended => context! { ended => true },
        ForecastStage::Failed(why) => context! { failed => why },
        ForecastStage::Done(counted) => done_words(counted, &reader),
    };
    let ForecastQuestion { by, asked_at, years, change } = question;
    let title = |id: &String| {
        let known = choices.iter().find(|one| one.protocol.id == *id);
        known.map_or_else(|| id.clone(), |one| one.title.clone())
    };
    let change = change.as_ref().map(|change| change.iter().map(title).collect::<Vec<_>>());
    let otherwise = context! { runs => false, ended => false, failed => "" };
    let stage = context! { ..stage, ..otherwise };
    context! { by, at => times.moment(*asked_at), years, change, ..stage }
}

/// Every month that either count has, as things stand and after the change.
fn months(counted: &Forecast) -> Vec<(Date, MonthCounts, Option<MonthCounts>)> {
    let of = |load: &MonthlyLoad, month: &Date| load.0.get(month).copied().unwrap_or_default();
    let changed = counted.changed.iter().flat_map(|c| c.0.keys());
    let mut months: Vec<Date> = counted.load.0.keys().chain(changed).copied().collect();
    months.sort_unstable();
    months.dedup();
    let each = months.into_iter();
    each.map(|m| (m, of(&counted.load, &m), counted.changed.as_ref().map(|c| of(c, &m)))).collect()
}

fn done_words(counted: &Forecast, reader: &ReaderWords) -> Value {
    let months = months(counted);
    let label = |month: &Date| reader.said(&month.strftime("%b %Y").to_string());
    let chart = |title: &str, of: fn(MonthCounts) -> u64| {
        let values = |at: u64| u32::try_from(at).map_or(f64::MAX, f64::from);
        let now = months.iter().map(|(_, now, _)| values(of(*now))).collect();
        let mut series = vec![ChartSeries { name: "As things stand", values: now }];
        if counted.changed.is_some() {
            let then = months.iter().map(|(_, _, then)| values(of(then.unwrap_or_default()))).collect();
            series.push(ChartSeries { name: "After the change", values: then });
        }
        BarChart { title, labels: months.iter().map(|(m, ..)| label(m)).collect(), series }.svg(reader)
    };
    let charts = [
        context! { name => "Letters", svg => chart("Letters by month", |c| c.letters) },
        context! { name => "Calls", svg => chart("Calls by month", |c| c.calls) },
        context! { name => "Visits and tests", svg => chart("Visits and tests by month", |c| c.visits) },
    ];
    let cells = |c: MonthCounts| context! { letters => c.letters, calls => c.calls, visits => c.visits };
    let rows = months
        .iter()
        .map(|(m, now, then)| context! { month => label(m), now => cells(*now), then => then.map(cells) });
    context! {
        done => true,
        patients => counted.patients,
        followed => counted.followed,
        moved => counted.moved,
        unreadable => counted.unreadable,
        total => cells(counted.load.total()),
        total_then => counted.changed.as_ref().map(|c| cells(c.total())),
        charts,
        rows => rows.collect::<Vec<_>>(),
    }
}
