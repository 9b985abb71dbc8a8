//! Nobody waits for a woman who has died: dates that are booked for her are struck here, and a person frees them in the clinic's
//! own calendar. No letter says so.

use jiff::Timestamp;

use crate::care::patient::PatientId;
use crate::care::plan::appointment::AppointmentEvent;
use crate::care::plan::follow_up::FollowUpEvent;
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::zone;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Strikes every date of hers that is still to come, and asks a person to free them. What cannot be struck keeps no death from
/// being recorded.
pub(super) fn strike(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    let mut struck = Vec::new();
    for follow_up in tx.follow_ups_of(patient)? {
        match tx.shielded(|tx| strike_one(tx, &follow_up)) {
            Ok(date) => struck.extend(date),
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => {
                tracing::error!(follow_up = follow_up.id.0, %fault, "a date of somebody who has died could not be struck");
                tx.note_unread("appointment", follow_up.id.0, "its row takes no change");
            }
        }
    }
    if struck.is_empty() {
        return Ok(());
    }
    struck.sort();
    tx.open_task(&NewTask {
        kind: TaskKind::AfterDeath,
        cause: cause(patient),
        patient: Some(patient),
        follow_up: None,
        reason: format!(
            "Her dates are struck here: {}. Free them in the clinic's calendar.",
            struck.join(", ")
        ),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Strikes the date of one follow-up; gives back when it was.
fn strike_one(tx: &mut Tx<'_>, follow_up: &FollowUp) -> Result<Option<String>, StepError> {
    let Some(booked) = tx.appointment_of(follow_up.id)?.filter(|_| follow_up.is_open()) else {
        return Ok(None);
    };
    let is_ahead = calendar::instant(booked.on, booked.at, &zone(&booked.zone)?) > tx.at();
    let Some(state) = booked.state.after(AppointmentEvent::CallOff).filter(|_| is_ahead) else {
        return Ok(None);
    };
    let date = format!("{} {}", booked.on, booked.at.strftime("%H:%M"));
    tx.update_appointment(&Booked { state, sequence: booked.sequence + 1, ..booked })?;
    tx.reopen_follow_up(follow_up, FollowUpEvent::CallOff)?;
    tx.set_next(follow_up.id, None)?;
    tx.audit(
        AuditAction::AppointmentCancelled,
        follow_up.id,
        &serde_json::json!({ "series": follow_up.series }),
    )?;
    Ok(Some(date))
}

/// A recorded death was a mistake: whoever frees her dates stops, and a person books anew what was struck.
pub(super) fn undo(tx: &mut Tx<'_>, patient: PatientId, since: Timestamp) -> Result<(), StepError> {
    let cause = cause(patient);
    let told =
        tx.tasks_of(patient)?.into_iter().rev().find(|task| task.cause == cause && task.opened_at >= since);
    let Some(told) = told else { return Ok(()) };
    tx.close_tasks_caused(TaskKind::AfterDeath, &cause, "her death is undone")?;
    tx.open_task(&NewTask {
        kind: TaskKind::ReviewPlan,
        cause,
        patient: Some(patient),
        follow_up: None,
        reason: format!("Her dates were struck when a death was recorded by mistake: task {} says which. Book them anew with her.", told.id),
        due_at: tx.at(),
    })?;
    Ok(())
}

fn cause(patient: PatientId) -> String {
    Subject::from(patient).part("struck")
}
