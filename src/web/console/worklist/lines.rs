//! Alerts and tasks as lines of a list, and what tiers are called on screen.

use minijinja::{Value, context};

use crate::care::task_state::TaskState;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::Alert;
use crate::store::work::tasks::Task;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// How a tier is called on screen; education mode has none.
pub(in crate::web::console) fn tier(tier: Option<Tier>) -> &'static str {
    tier.map_or("unsorted", Tier::word)
}

/// One alert in a list.
pub(in crate::web::console) fn alert_line(alert: &Alert, times: &TimeFormat, reader: &ReaderWords) -> Value {
    let (left, overdue) = times.left(alert.due_at);
    context! {
        id => alert.id.0,
        code => alert.reference.clone(),
        tier => tier(alert.tier),
        state => alert.state.word(),
        left,
        overdue,
        last => (),
        raised => times.ago(alert.raised_at),
        by => alert.acknowledged.as_ref().map(|(by, _)| reader.person(by)),
    }
}

/// One task in a list.
pub(in crate::web::console) fn task_line(task: &Task, times: &TimeFormat) -> Value {
    let (left, overdue) = times.left(task.due_at);
    context! {
        id => task.id,
        ask => prose(task.kind.ask()),
        reason => prose(&task.reason),
        code => task.patient.as_ref().map(|(_, code)| code.clone()),
        open => task.state == TaskState::Open,
        owner => task.owner.clone(),
        back => task.snoozed_until.filter(|until| *until > times.now).map(|until| times.moment(until)),
        due => times.date(task.due_at),
        left,
        overdue,
        last => (),
    }
}
