//! Cover for the coming week: who on the ladder is on duty when, where nobody is, and in which order they are told.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use minijinja::{Value, context};

use crate::care::alert::cover_week::CoverSpan;
use crate::journey::alert_policy::AnswerPolicy;
use crate::web::console::layout::time_format::{TimeFormat, day, span};

/// Days that are shown, today among them.
const DAYS: i32 = 7;

/// The coming week, day by day, and the ladder in its order.
pub(super) fn words(policy: &AnswerPolicy, times: &TimeFormat) -> Value {
    let today = times.today();
    let days: Vec<Value> =
        (0..DAYS).filter_map(|n| one_day(policy, today.checked_add(n.days()).ok()?, times)).collect();
    let gaps = days.iter().any(|one| one.get_attr("gap").is_ok_and(|gap| gap.is_true()));
    let names = policy.contacts.iter().zip(&policy.ladder.rungs);
    let order =
        names.map(|(contact, rung)| context! { name => contact.name.clone(), after => after(rung.after) });
    context! { days, gaps, order => order.collect::<Vec<_>>() }
}

fn one_day(policy: &AnswerPolicy, on: Date, times: &TimeFormat) -> Option<Value> {
    let zone = &policy.ladder.zone;
    let midnight = |on: Date| on.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let (begin, end) = (midnight(on)?, midnight(on.tomorrow().ok()?)?);
    let spans = policy.ladder.cover(begin.max(times.now), end);
    let gap = spans.iter().any(|span| span.rungs.is_empty());
    let spans: Vec<Value> = spans.iter().map(|span| stretch(policy, span, end)).collect();
    Some(context! { day => format!("{} {}", on.strftime("%a"), day(on)), gap, spans })
}

fn stretch(policy: &AnswerPolicy, span: &CoverSpan, end: Timestamp) -> Value {
    let clock = |at: Timestamp| at.to_zoned(policy.ladder.zone.clone()).strftime("%H:%M").to_string();
    let until = if span.until == end { "24:00".to_owned() } else { clock(span.until) };
    let name = |rung: &usize| policy.contacts.get(*rung).map(|contact| contact.name.clone());
    context! {
        from => clock(span.from),
        until,
        who => span.rungs.iter().filter_map(name).collect::<Vec<_>>(),
    }
}

/// How long after an emergency somebody is told.
fn after(wait: Duration) -> String {
    match wait.as_secs() {
        0 => "at once".to_owned(),
        _ => format!("after {}", span(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))),
    }
}
