//! Cover for the coming week: who on the ladder is on duty when, where nobody is, who is away, and in which order they are told.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use minijinja::{Value, context};

use crate::care::alert::cover_week::CoverSpan;
use crate::care::time::calendar::{end_of_day, instant};
use crate::config::Config;
use crate::web::console::layout::time_format::{TimeFormat, day, span};

/// Days that are shown, today among them.
const DAYS: i32 = 7;

/// The coming week as a configuration has it, day by day, and the ladder of today in its order.
pub(in crate::web::console) fn words(config: &Config, times: &TimeFormat) -> Value {
    let today = config.clinic.zone.to_datetime(times.now).date();
    let days: Vec<Value> =
        (0..DAYS).filter_map(|n| Some(one_day(config, today.checked_add(n.days()).ok()?, times))).collect();
    let gaps = days.iter().any(|one| one.get_attr("gap").is_ok_and(|gap| gap.is_true()));
    let told = config.alerts.on(today).rungs;
    let order = told.iter().map(|rung| context! { name => rung.name.clone(), after => after(rung.after) });
    context! { days, gaps, order => order.collect::<Vec<_>>() }
}

fn one_day(config: &Config, on: Date, times: &TimeFormat) -> Value {
    let zone = &config.clinic.zone;
    let (begin, end) = (instant(on, Time::midnight(), zone), end_of_day(on, zone));
    let told = config.alerts.on(on);
    let spans = told.ladder(&config.alerts, &config.clinic).cover(begin.max(times.now), end);
    let gap = spans.iter().any(|span| span.rungs.is_empty());
    let clock = |at: Timestamp| match at == end {
        true => "24:00".to_owned(),
        false => zone.to_datetime(at).strftime("%H:%M").to_string(),
    };
    let stretch = |span: &CoverSpan| {
        let name = |rung: &usize| told.rungs.get(*rung).map(|rung| rung.name.clone());
        let who = span.rungs.iter().filter_map(name).collect::<Vec<_>>();
        context! { from => clock(span.from), until => clock(span.until), who }
    };
    let spans: Vec<Value> = spans.iter().map(stretch).collect();
    context! { day => format!("{} {}", on.strftime("%a"), day(on)), gap, spans, away => told.gaps }
}

/// How long after an emergency somebody is told.
fn after(wait: Duration) -> String {
    match wait.as_secs() {
        0 => "at once".to_owned(),
        _ => format!("after {}", span(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))),
    }
}
