//! A series in words: how often, for how long, and which letters and tasks go with it.

use minijinja::{Value, context};

use crate::care::plan::protocol::{At, Phase, ProtocolStep, Series, Trigger};
use crate::care::time::calendar::{Span, Unit};
use crate::web::console::layout::machine_words;

/// What a series is called for staff who read that language, in English where it has no such title.
pub(in crate::web::console) fn title<'s>(series: &'s Series, language: &str) -> &'s str {
    series.title.get(language).or_else(|| series.title.get("en")).unwrap_or(&series.id)
}

/// A series for the template, in the language of whoever reads it where it has words in it.
pub(in crate::web::console) fn owed(series: &Series, language: &str) -> Value {
    let grid = series.phases.iter().map(phase);
    let single = series.at.iter().map(|at| format!("once, {} after the anchor", length(*at)));
    let steps = Trigger::ALL
        .into_iter()
        .flat_map(|trigger| series.steps(trigger).iter().map(move |s| step(trigger, s)));
    context! {
        name => title(series, language),
        kind => series.kind.word(),
        when => grid.chain(single).collect::<Vec<_>>(),
        steps => steps.collect::<Vec<_>>(),
        prepare => series.prepare.get(language).or_else(|| series.prepare.get("en")),
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
    let opens =
        series.window_before.map(|span| format!("a visit counts from {} of the due date", length(span)));
    let ends =
        series.window_after.map(|span| format!("a visit counts until {} of the due date", length(span)));
    let window = opens.into_iter().chain(ends);
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
    let every = every.strip_prefix("1 ").unwrap_or(&every);
    let from = Some(phase.after).filter(|after| after.count != 0).map(length);
    match (from, phase.until.map(length)) {
        (None, None) => format!("every {every}, for life"),
        (None, Some(until)) => format!("every {every}, until {until}"),
        (Some(from), None) => format!("every {every}, from {from} on, for life"),
        (Some(from), Some(until)) => format!("every {every}, from {from} on, until {until}"),
    }
}

fn step(trigger: Trigger, step: &ProtocolStep) -> String {
    let when = match (step.at, trigger) {
        (At::AfterTwoMisses, _) => "after two without an answer".to_owned(),
        (At::Offset(at), Trigger::Remind) if at.count == 0 => "on the due date".to_owned(),
        (At::Offset(at), Trigger::Booked) if at.count == 0 => "on the booked date".to_owned(),
        (At::Offset(at), Trigger::Missed) if at.count == 0 => "on the missed date".to_owned(),
        (At::Offset(at), Trigger::Remind) if at.count < 0 => format!("{} before the due date", length(at)),
        (At::Offset(at), Trigger::Booked) if at.count < 0 => format!("{} before the booked date", length(at)),
        (At::Offset(at), Trigger::Missed) if at.count < 0 => format!("{} before the missed date", length(at)),
        (At::Offset(at), Trigger::Remind) => format!("{} after the due date", length(at)),
        (At::Offset(at), Trigger::Booked) => format!("{} after the booked date", length(at)),
        (At::Offset(at), Trigger::Missed) => format!("{} after the missed date", length(at)),
    };
    let name = machine_words::letter(&step.name);
    if step.is_staff_task() {
        format!("{name}: a task for staff, {when}")
    } else {
        format!("{name}: a letter, {when}")
    }
}

/// `3 months`, `1 day`.
fn length(span: Span) -> String {
    let count = span.count.unsigned_abs();
    match (count, span.unit) {
        (1, Unit::Days) => "1 day".to_owned(),
        (1, Unit::Weeks) => "1 week".to_owned(),
        (1, Unit::Months) => "1 month".to_owned(),
        (1, Unit::Years) => "1 year".to_owned(),
        (_, Unit::Days) => format!("{count} days"),
        (_, Unit::Weeks) => format!("{count} weeks"),
        (_, Unit::Months) => format!("{count} months"),
        (_, Unit::Years) => format!("{count} years"),
    }
}
