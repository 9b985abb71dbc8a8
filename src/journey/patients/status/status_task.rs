//! What people are asked once letters to her end or wait, so that a person takes over (P7, P8).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::booked_in_pause;
use crate::care::patient::{PatientId, PatientStatus};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::opt_out_reasons;
use crate::journey::sending_policy::{day, in_days};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::Tx;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Opens the task that the change asks for; where it was `told` that she may have died, that of today.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    patient: PatientId,
    change: &StatusChange,
    told: Option<SuspectedDeath>,
) -> Result<(), StepError> {
    if change.to == PatientStatus::OptedOutEmail {
        // One task asks for another way: that of all letters takes the place of that of some, whoever records it.
        tx.close_tasks_caused(
            TaskKind::OptedOut,
            &opt_out_reasons::kinds(patient),
            "she wants no letters at all",
        )?;
    }
    let task = match told {
        // Whatever told it has its own task, which says more.
        Some(_) if tx.has_task(patient, TaskKind::DeathSuspected)? => None,
        Some(_) => Some(about(TaskKind::DeathSuspected, patient, change, in_days(tx.at(), 0))),
        None => task(tx.at(), patient, change),
    };
    if let Some(task) = task {
        // Of a date within a pause a task of its own reminds.
        let task = if change.to == PatientStatus::Paused { task } else { booked_in_pause::named(tx, task)? };
        tx.open_task(&task)?;
    }
    Ok(())
}

/// The task that a status which ends letters opens, so that a person takes over (P7, P8).
pub(in crate::journey) fn task(now: Timestamp, patient: PatientId, change: &StatusChange) -> Option<NewTask> {
    let (kind, days) = match change.to {
        PatientStatus::AddressBad => (TaskKind::AddressBad, 0),
        PatientStatus::OptedOutEmail => (TaskKind::OptedOut, 0),
        PatientStatus::Paused if change.until.is_none() => (TaskKind::ReviewPlan, 14),
        // A last day years ahead is no plan: somebody looks whether it still holds.
        PatientStatus::Paused if change.until.is_some_and(|last| is_long(now, last)) => {
            (TaskKind::ReviewPlan, 90)
        }
        PatientStatus::RecurrenceSuspected
        | PatientStatus::RecurrenceConfirmed
        | PatientStatus::Palliative
        | PatientStatus::Transferred => (TaskKind::HandOver, 1),
        PatientStatus::Active | PatientStatus::Paused | PatientStatus::Deceased => return None,
    };
    Some(about(kind, patient, change, in_days(now, days)))
}

fn about(kind: TaskKind, patient: PatientId, change: &StatusChange, due_at: Timestamp) -> NewTask {
    NewTask {
        kind,
        cause: cause(patient, change.to),
        patient: Some(patient),
        follow_up: None,
        reason: format!("Status is now {}: {}", named(change.to), change.reason),
        due_at,
    }
}

/// What people call it, in the middle of a sentence: as a name where it is more than a word or two.
fn named(status: PatientStatus) -> String {
    match status {
        PatientStatus::OptedOutEmail | PatientStatus::AddressBad => format!("\"{}\"", status.says()),
        other => other.says().to_owned(),
    }
}

/// Whether a pause from now until that day is longer than half a year.
fn is_long(now: Timestamp, last: Date) -> bool {
    last > day(now, &TimeZone::UTC).saturating_add(6.months())
}

pub(super) fn cause(patient: PatientId, status: PatientStatus) -> String {
    Subject::from(patient).part(status.word())
}
