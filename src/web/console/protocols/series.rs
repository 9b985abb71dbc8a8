//! A series in words: how often, for how long, and which letters and tasks go with it.

use minijinja::{Value, context};

use crate::care::plan::protocol::{At, Phase, ProtocolStep, Series, Trigger};
use crate::care::time::calendar::{Span, Unit};
use crate::web::console::layout::time_format::plain;

/// A series for the template.
pub(in crate::web::console) fn owed(series: &Series) -> Value {
    let grid = series.phases.iter().map(phase);
    let single = series.at.iter().map(|at| format!("once, {} after the anchor", length(*at)));
    let steps = Trigger::ALL
        .into_iter()
        .flat_map(|trigger| series.steps(trigger).iter().map(move |s| step(trigger, s)));
    context! {
        name => series.title.get("en").unwrap_or(&series.id),
        kind => series.kind.word(),
        when => grid.chain(single).collect::<Vec<_>>(),
        steps => steps.collect::<Vec<_>>(),
        prepare => series.prepare.get("en"),
    }
}

fn phase(phase: &Phase) -> String {
    let every = length(phase.every);
    let every = format!("every {}", every.strip_prefix("1 ").unwrap_or(&every));
    let from =
        if phase.after.count == 0 { String::new() } else { format!(", from {} on", length(phase.after)) };
    let until =
        phase.until.map_or_else(|| ", for life".to_owned(), |until| format!(", until {}", length(until)));
    every + &from + &until
}

fn step(trigger: Trigger, step: &ProtocolStep) -> String {
    let from = match trigger {
        Trigger::Remind => "the due date",
        Trigger::Booked => "the booked date",
        Trigger::Missed => "the missed date",
    };
    let when = match step.at {
        At::AfterTwoMisses => "after two without an answer".to_owned(),
        At::Offset(at) if at.count == 0 => format!("on {from}"),
        At::Offset(at) if at.count < 0 => format!("{} before {from}", length(at)),
        At::Offset(at) => format!("{} after {from}", length(at)),
    };
    let what = if step.is_staff_task() { "a task for staff" } else { "a letter" };
    format!("{}: {what}, {when}", plain(&step.name))
}

/// `3 months`, `1 day`.
fn length(span: Span) -> String {
    let unit = match span.unit {
        Unit::Days => "day",
        Unit::Weeks => "week",
        Unit::Months => "month",
        Unit::Years => "year",
    };
    let count = span.count.unsigned_abs();
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
