//! A date that is booked while no letter leaves, in a pause or for good: none reminds her of it, so a person does.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::care::patient::PatientId;
use crate::care::plan::appointment::AppointmentState;
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::zone;
use crate::store::db::transaction::Tx;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// How long before a date that falls into a pause somebody reminds her.
const REMIND_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The task of whom no letter reaches any more, with each date that is booked for her: whoever rings her reminds her of them.
pub(in crate::journey) fn named(tx: &Tx<'_>, task: NewTask) -> Result<NewTask, StepError> {
    let Some(patient) = task.patient else { return Ok(task) };
    let mut dates = Vec::new();
    for follow_up in tx.follow_ups_of(patient)? {
        let ahead = booked_ahead(tx, &follow_up)?;
        dates.extend(ahead.map(|(booked, _)| format!("{}: {}", follow_up.series, booked.on)));
    }
    if dates.is_empty() {
        return Ok(task);
    }
    let end = if task.reason.ends_with(['.', '!', '?']) { "" } else { "." };
    let reason =
        format!("{}{end} No letter reminds her of what is booked: {}.", task.reason, dates.join(", "));
    Ok(NewTask { reason, ..task })
}

/// The date that is booked for a follow-up and has not come yet, and its instant.
fn booked_ahead(tx: &Tx<'_>, follow_up: &FollowUp) -> Result<Option<(Booked, Timestamp)>, StepError> {
    let booked = tx.appointment_of(follow_up.id)?.filter(|date| date.state == AppointmentState::Booked);
    let Some(booked) = booked.filter(|_| follow_up.is_open()) else { return Ok(None) };
    let at = calendar::instant(booked.on, booked.at, &zone(&booked.zone)?);
    Ok((at > tx.at()).then_some((booked, at)))
}

/// A date that is booked within a pause comes all the same, and no letter reminds her: a person does (P7).
pub(in crate::journey) fn ask(
    tx: &mut Tx<'_>,
    patient: PatientId,
    until: Option<Date>,
) -> Result<(), StepError> {
    for follow_up in tx.follow_ups_of(patient)? {
        let ahead = booked_ahead(tx, &follow_up)?;
        let Some((booked, at)) = ahead.filter(|(date, _)| until.is_none_or(|last| date.on <= last)) else {
            continue;
        };
        tx.open_task(&NewTask {
            kind: TaskKind::ReviewPlan,
            cause: Subject::from(follow_up.id).part("paused"),
            patient: Some(patient),
            follow_up: Some(follow_up.id),
            reason: format!(
                "{} is booked for {}, and letters are paused until then. Remind her by phone.",
                follow_up.series, booked.on
            ),
            due_at: tx.at().max(at.saturating_sub(REMIND_BEFORE).unwrap_or(at)),
        })?;
    }
    Ok(())
}
