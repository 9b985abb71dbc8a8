//! The reports: how many answer, how fast people act, whether there are hands enough, what became of the letters, what is
//! due. For leads and administrators.

use std::time::Duration;

use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use super::figure_counts::FiguresStage;
use super::figures::{Figure, FigureWords};
use super::{csv_table, overdue, schedule_names};
use crate::journey::errors::step::StepError;
use crate::journey::forecast::clinic_figures::{FiguresRequest, figures};
use crate::journey::sending_policy::zone;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// A page waits so long for its figures; whoever asked for a file waits longer.
const PATIENCE: Duration = Duration::from_millis(25);
const PATIENCE_FOR_A_FILE: Duration = Duration::from_secs(25);

/// Periods that are one press away, in months with this one.
const MONTHS: [i64; 5] = [1, 3, 6, 12, 24];

/// Months looked back unless others are asked for.
const USUAL: i64 = 6;

/// A chart of more months says nothing.
const MOST_YEARS: i64 = 5;

/// From when to when, and whose, as it was typed.
#[derive(Deserialize)]
pub(in crate::web::console) struct ReportQuery {
    since: Option<String>,
    until: Option<String>,
    schedule: Option<String>,
}

/// What was typed, read; and what is wrong with it, by field.
struct AskedPeriod {
    first_on: Date,
    last_on: Date,
    faults: Vec<FieldFault>,
}

fn months_back(today: Date, months: i64) -> Date {
    today.saturating_sub((months - 1).months()).first_of_month()
}

impl ReportQuery {
    fn schedule(&self) -> Option<&str> {
        self.schedule.as_deref().filter(|name| !name.is_empty())
    }

    fn period(&self, today: Date) -> AskedPeriod {
        let mut faults = Vec::new();
        let mut day = |field, typed: &Option<String>, usual: Date| match typed.as_deref().map(str::trim) {
            None | Some("") => usual,
            Some(typed) => typed.parse().unwrap_or_else(|_| {
                faults.push(FieldFault::new(field, "Give a day of the calendar."));
                usual
            }),
        };
        let last_on = day("until", &self.until, today);
        let first_on = day("since", &self.since, months_back(last_on, USUAL));
        if faults.is_empty() && last_on < first_on {
            faults.push(FieldFault::new("until", "The last day lies before the first."));
        } else if faults.is_empty() && first_on.saturating_add(MOST_YEARS.years()) < last_on {
            faults.push(FieldFault::new("since", "Ask for five years at most."));
        }
        AskedPeriod { first_on, last_on, faults }
    }
}

/// Asks for the figures of a period.
fn counted(
    signed_in: &SignedIn,
    request: &FiguresRequest,
    patience: Duration,
) -> Result<FiguresStage, StepError> {
    let (clinic, asked) = (signed_in.clinic().clone(), request.clone());
    let here = zone(&clinic.policy.zone)?;
    let count = move || figures(&clinic.store, &clinic.protocol_cache, &here, &asked);
    Ok(signed_in.console.figures.get(request, patience, count))
}

/// Every figure on one page.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(query): Query<ReportQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &query) {
        Ok(words) => page::render(signed_in, "reports", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, query: &ReportQuery) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let today = times.today();
    let period = query.period(today);
    let names = schedule_names::read(signed_in)?;
    let choices = MONTHS.map(|months| {
        let since = months_back(today, months);
        let on = period.last_on == today && period.first_on == since;
        context! { months, since => since.to_string(), on }
    });
    let typed = |typed: &Option<String>, day: Date| typed.clone().unwrap_or_else(|| day.to_string());
    let mut found = context! {};
    if period.faults.is_empty() {
        let protocol = query.schedule().map(str::to_owned);
        let AskedPeriod { first_on, last_on, .. } = period;
        let request = FiguresRequest { first_on, last_on, protocol, now: signed_in.now };
        found = match counted(signed_in, &request, PATIENCE)? {
            FiguresStage::Runs => context! { runs => true },
            FiguresStage::Failed(why) => context! { failed => why },
            FiguresStage::Counted(counted) => {
                let reader = ReaderWords::of(&signed_in.language);
                let all = FigureWords { figures: &counted.figures, names: &names, reader: &reader }.all();
                context! {
                    figures => all.iter().map(Figure::words).collect::<Vec<_>>(),
                    counted_at => times.moment(counted.at),
                    is_old => counted.is_old,
                    overdue => counted.figures.overdue,
                }
            }
        };
    }
    let otherwise = context! {
        runs => false,
        failed => "",
        figures => Vec::<Value>::new(),
        counted_at => "",
        is_old => false,
        overdue => 0,
    };
    let found = context! { ..found, ..otherwise };
    Ok(context! {
        choices => choices.to_vec(),
        since => typed(&query.since, period.first_on),
        until => typed(&query.until, period.last_on),
        refused => RefusedForm::of_faults(period.faults).words(),
        schedules => names.options(),
        schedule => query.schedule().unwrap_or_default(),
        ..found
    })
}

/// One figure as a file, e.g. `answers.csv`.
pub(in crate::web::console) async fn csv(
    signed_in: SignedIn,
    Path(file): Path<String>,
    Query(query): Query<ReportQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let asked = file.strip_suffix(".csv").unwrap_or_default();
        let made = match asked {
            "overdue" => overdue::file(signed_in, query.schedule()),
            name => figure_file(signed_in, name, &query),
        };
        made.unwrap_or_else(|fault| page::failed(signed_in, &fault))
    })
    .await
}

fn figure_file(signed_in: &SignedIn, name: &str, query: &ReportQuery) -> Result<Response, StepError> {
    let period = query.period(TimeFormat::from(signed_in).today());
    if !period.faults.is_empty() || !Figure::NAMES.contains(&name) {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let AskedPeriod { first_on, last_on, .. } = period;
    let protocol = query.schedule().map(str::to_owned);
    let request = FiguresRequest { first_on, last_on, protocol, now: signed_in.now };
    let found = match counted(signed_in, &request, PATIENCE_FOR_A_FILE)? {
        FiguresStage::Counted(found) => found,
        FiguresStage::Runs | FiguresStage::Failed(_) => {
            return Ok((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "10")]).into_response());
        }
    };
    let names = schedule_names::read(signed_in)?;
    let reader = ReaderWords::of(&signed_in.language);
    let all = FigureWords { figures: &found.figures, names: &names, reader: &reader }.all();
    Ok(match all.iter().find(|figure| figure.name == name) {
        Some(figure) => csv_table::download(figure.name, &figure.file),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}
