//! Why letters to a patient ended: the reasons that stand on record, and the task that asks about one.

use crate::care::patient::{PatientId, PatientStatus};
use crate::care::plan::protocol::Trigger;
use crate::care::plan::reminder_times::TimedStep;
use crate::care::task::TaskKind as Task;
use crate::care::task_state::TaskState;
use crate::journey::errors::step::StepError;
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::sending_policy::in_days;
use crate::store::db::transaction::Tx;
use crate::store::people::preferences::LetterKind;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// What causes the task about kinds of letters that she does not want.
pub(in crate::journey) fn kinds(patient: PatientId) -> String {
    Subject::from(patient).part("kinds")
}

/// Makes sure that a person is asked to agree another way; whoever is asked already about no letters at all is not asked about some.
pub(in crate::journey) fn ask(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    let wants_none = tx.patient(patient)?.status == PatientStatus::OptedOutEmail;
    if wants_none && tx.has_task(patient, Task::OptedOut)? {
        return Ok(());
    }
    let words: Vec<&str> = tx.declined(patient)?.into_iter().map(LetterKind::word).collect();
    tx.open_task(&NewTask {
        kind: Task::OptedOut,
        cause: kinds(patient),
        patient: Some(patient),
        follow_up: None,
        reason: format!("She does not want letters about: {}.", words.join(", ")),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(())
}

/// Ends what a person was asked in place of letters, for they leave again. What asks about kinds that she does not want stays: that
/// wish stands, whatever else has ended.
pub(in crate::journey) fn close_in_person(
    tx: &mut Tx<'_>,
    patient: PatientId,
    note: &str,
) -> Result<(), StepError> {
    let about_kinds = if tx.declined(patient)?.is_empty() { None } else { Some(kinds(patient)) };
    for task in tx.tasks_of(patient)? {
        let is_asked = task.kind == Task::OptedOut && task.state == TaskState::Open;
        if is_asked && about_kinds.as_ref() != Some(&task.cause) {
            tx.close_tasks_caused(Task::OptedOut, &task.cause, note)?;
        }
    }
    Ok(())
}

/// Whoever wants no letters at all is asked by a person in their place: once for each date or form that is owed, and once
/// when an agreed date has passed and nothing was recorded. Opting out of mail never silently ends follow-up (clinical
/// brief, section 5).
pub(in crate::journey) fn ask_in_person(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    laid: &TimedStep<'_>,
) -> Result<(), StepError> {
    let PlannedFollowUp { patient, follow_up, .. } = *planned;
    if patient.status != PatientStatus::OptedOutEmail {
        return Ok(());
    }
    let what = format!("{} {}", follow_up.series, follow_up.owed.number);
    let (kind, reason) = match laid.trigger {
        // The date was agreed with her.
        Trigger::Booked => return Ok(()),
        Trigger::Remind => {
            (Task::OptedOut, format!("{what} is due on {}, and no letter asks her.", follow_up.owed.due_on))
        }
        Trigger::Missed => (
            Task::Missed,
            format!("The date for {what} was on {}, and nobody noted what became of it.", laid.basis_on),
        ),
    };
    let cause =
        Subject::from(follow_up.id).part(format!("in-person/{}/{}", laid.trigger.word(), laid.basis_on));
    // A nudge of the same asks nobody anew who said that it is done.
    if tx.task_closed_by(kind, &cause)?.is_none() {
        tx.open_task(&NewTask {
            kind,
            cause,
            patient: Some(patient.id),
            follow_up: Some(follow_up.id),
            reason,
            due_at: in_days(tx.at(), 1),
        })?;
    }
    Ok(())
}

/// Why a reminder of that kind was withdrawn.
pub(in crate::journey) fn reason(kind: LetterKind) -> String {
    format!("opted out of {}", kind.word())
}

/// Why a promise was withdrawn that had nowhere to go.
pub(in crate::journey) const NO_ADDRESS: &str = "no address on record";
