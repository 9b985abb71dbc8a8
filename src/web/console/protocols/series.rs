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

/// A series as sentences, to be compared.
pub(in crate::web::console) fn sentences(series: &Series) -> Vec<String> {
    let titles = series.title.iter().map(|(language, title)| format!("Title ({language}): {title}"));
    let notes = series.prepare.iter().map(|(language, note)| format!("How to prepare ({language}): {note}"));
    let grid = series.phases.iter().map(phase);
    let single = series.at.iter().map(|at| format!("once, {} after the anchor", length(*at)));
    let steps = Trigger::ALL
        .into_iter()
        .flat_map(|trigger| series.steps(trigger).iter().map(move |s| step(trigger, s)));
    let window = [("from", series.window_before), ("until", series.window_after)];
    let window = window
        .into_iter()
        .filter_map(|(end, span)| Some(format!("a visit counts {end} {} of the due date", length(span?))));
    let named = [("checklist", &series.checklist), ("leaflet", &series.leaflet)];
    let named = named.into_iter().filter_map(|(what, name)| Some(format!("{what}: {}", name.as_ref()?)));
    let anew = series.rebase.then(|| "dates are counted anew from each visit".to_owned());
    titles
        .chain(notes)
        .chain(named)
        .chain(grid)
        .chain(single)
        .chain(window)
        .chain(anew)
        .chain(steps)
        .collect()
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
