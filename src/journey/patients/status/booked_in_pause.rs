//! A date that is booked within a pause: no letter reminds her of it, so a person does.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::care::patient::PatientId;
use crate::care::plan::appointment::AppointmentState;
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::zone;
use crate::store::db::transaction::Tx;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// How long before a date that falls into a pause somebody reminds her.
const REMIND_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A date that is booked within a pause comes all the same, and no letter reminds her: a person does (P7).
pub(in crate::journey) fn ask(
    tx: &mut Tx<'_>,
    patient: PatientId,
    until: Option<Date>,
) -> Result<(), StepError> {
    for follow_up in tx.follow_ups_of(patient)? {
        let booked = tx.appointment_of(follow_up.id)?.filter(|date| date.state == AppointmentState::Booked);
        let Some(booked) = booked.filter(|date| until.is_none_or(|last| date.on <= last)) else { continue };
        let at = calendar::instant(booked.on, booked.at, &zone(&booked.zone)?);
        if !follow_up.is_open() || at <= tx.at() {
            continue;
        }
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
