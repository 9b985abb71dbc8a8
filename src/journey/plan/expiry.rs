//! How a follow-up ends that nobody closed, and what a person is asked about it.

use jiff::tz::TimeZone;

use crate::care::plan::due_steps::is_missed_at_close;
use crate::care::plan::follow_up::FollowUpEvent;
use crate::care::plan::protocol::{FollowUpKind, Series};
use crate::care::plan::reminder::ReminderState;
use crate::care::task;
use crate::care::task_state::TaskState;
use crate::care::time::calendar;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::contents::{self, RANG_HALF_WAY};
use crate::journey::outbox::fact_names::NO_FORM;
use crate::journey::outbox::final_check::prior_delivery;
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::sending_policy::in_days;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::{FollowUp, FollowUpEnd};
use crate::store::plan::reminders::Offer;
use crate::store::subject::Subject;
use crate::store::work::tasks::{NewTask, Task};

/// Why a follow-up was never promised: she was frozen, or taken in after it.
const AWAY: &str = "it passed while no letters went out";

/// How a follow-up ends that nobody closed. Silence counts only where she was asked.
pub(in crate::journey::plan) fn verdict(
    tx: &Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    zone: &TimeZone,
) -> Result<FollowUpEnd<'static>, StepError> {
    let PlannedFollowUp { follow_up, series, .. } = *planned;
    let end = |event, reason| Ok(FollowUpEnd { event, reason });
    if calendar::end_of_day(follow_up.owed.closes_on, zone) <= follow_up.promised_from {
        return end(FollowUpEvent::Cancel, AWAY);
    }
    if !is_missed_at_close(follow_up.kind) {
        return end(FollowUpEvent::Complete, "its time is over");
    }
    if let Some(checklist) = &series.checklist
        && tx.rang_half_way(follow_up, checklist)?
    {
        return end(FollowUpEvent::Complete, RANG_HALF_WAY);
    }
    let was_asked = follow_up.kind.is_bookable() || was_asked(tx, follow_up)?;
    if !was_asked
        && follow_up.kind == FollowUpKind::Checklist
        && tx.offer(follow_up.id, None)? == Offer::WithoutForm
    {
        return end(FollowUpEvent::Cancel, NO_FORM);
    }
    match was_asked {
        true => end(FollowUpEvent::Miss, "its window closed"),
        false => end(FollowUpEvent::Cancel, "no letter asked for it"),
    }
}

/// Whether a letter that left asked for it. One that said "we do not ask you to fill one in" did not.
fn was_asked(tx: &Tx<'_>, follow_up: &FollowUp) -> Result<bool, StepError> {
    for reminder in tx.reminders_of_follow_up(follow_up.id)? {
        let is_kept = match (reminder.state, reminder.delivery) {
            (ReminderState::Sent, Some(letter)) => !contents::asks_for_nothing(&tx.delivery(letter)?),
            (ReminderState::Sent, None) => reminder.reason.as_deref() == Some(prior_delivery::LEFT),
            _ => false,
        };
        if is_kept {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One task however many passed: the cause names the series.
pub(in crate::journey::plan) fn away(tx: &Tx<'_>, follow_up: &FollowUp) -> NewTask {
    NewTask {
        cause: Subject::from(follow_up.patient).part(format_args!("{}/away", follow_up.series)),
        reason: format!("{} due on {}: {AWAY}.", follow_up.series, follow_up.owed.due_on),
        follow_up: None,
        ..task_of(tx, follow_up, task::TaskKind::ReviewPlan, "")
    }
}

/// Her silence says nothing: nobody could have read her answer, and she was told so. One task however often.
pub(in crate::journey::plan) fn not_asked(tx: &Tx<'_>, follow_up: &FollowUp) -> NewTask {
    NewTask {
        cause: Subject::from(follow_up.patient).part(format_args!("{}/no-form", follow_up.series)),
        reason: format!("{} due on {}: {NO_FORM}.", follow_up.series, follow_up.owed.due_on),
        follow_up: None,
        ..task_of(tx, follow_up, task::TaskKind::NotAsked, "")
    }
}

/// Her booked date passed, its time is over, and nobody noted that she came: no list shows her any more until the next is due. A
/// person has her, also where the protocol names no such step, or the step's task was marked as done.
pub(in crate::journey::plan) fn ask_about_missed(
    tx: &mut Tx<'_>,
    follow_up: &FollowUp,
    series: &Series,
) -> Result<(), StoreError> {
    let about = Subject::from(follow_up.id).part("");
    let is_asked = |task: &Task| {
        task.kind == task::TaskKind::Missed && task.state == TaskState::Open && task.cause.starts_with(&about)
    };
    if tx.tasks_of(follow_up.patient)?.iter().any(is_asked) {
        return Ok(());
    }
    let step = series.missed.iter().find(|step| step.is_staff_task());
    let step = step.map_or("not-kept", |step| step.name.as_str());
    tx.open_task(&task_of(tx, follow_up, task::TaskKind::Missed, step)).map(drop)
}

/// The task for a person that a step of a follow-up names.
pub(in crate::journey) fn task_of(
    tx: &Tx<'_>,
    follow_up: &FollowUp,
    kind: task::TaskKind,
    step: &str,
) -> NewTask {
    NewTask {
        kind,
        cause: Subject::from(follow_up.id).part(step),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!(
            "{} {} was due on {}.",
            follow_up.series, follow_up.owed.number, follow_up.owed.due_on
        ),
        due_at: in_days(tx.at(), 1),
    }
}
