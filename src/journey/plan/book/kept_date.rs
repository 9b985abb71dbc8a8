//! A date at the clinic that no plan of hers has a place for: nobody but a person may call it off.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::patient::PatientId;
use crate::care::plan::follow_up::{FollowUpEvent, FollowUpState};
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::sending_policy::{day, in_days, zone};
use crate::store::db::transaction::Tx;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{FollowUp, FollowUpEnd, FollowUpId};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Whether she is reminded of such a date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::journey::plan) enum KeptLetters {
    /// Its letters go on: it stays as a visit of its own.
    GoOn,
    /// No letter speaks of it any more.
    End,
}

/// A date that is booked, and for which nothing is owed under a plan that goes on.
pub(in crate::journey::plan) struct KeptDate<'a> {
    pub(in crate::journey::plan) follow_up: &'a FollowUp,
    pub(in crate::journey::plan) booked: &'a Booked,
    pub(in crate::journey::plan) letters: KeptLetters,
}

impl KeptDate<'_> {
    /// The task that asks a person what becomes of it.
    pub(in crate::journey::plan) fn ask(&self, now: Timestamp) -> NewTask {
        let Self { follow_up, booked, letters } = *self;
        let (series, on, at) = (&follow_up.series, booked.on, booked.at.strftime("%H:%M"));
        NewTask {
            kind: TaskKind::ReviewPlan,
            cause: cause(follow_up),
            patient: Some(follow_up.patient),
            follow_up: None,
            reason: match letters {
                KeptLetters::GoOn => format!(
                    "Her new plan has no {series} due near {on}, but a date is booked then at {at}. Its letters go on: keep it or \
                     call it off with her."
                ),
                KeptLetters::End => format!(
                    "Her plan has no {series} any more, but a date is booked on {on} at {at}. No letter reminds her of it: keep it \
                     or call it off with her."
                ),
            },
            due_at: in_days(now, 1),
        }
    }
}

fn cause(follow_up: &FollowUp) -> String {
    Subject::from(follow_up.id).part("carry-over")
}

/// What such a date was booked for is owed no more once it is called off.
pub(in crate::journey::plan) fn called_off(
    tx: &mut Tx<'_>,
    id: FollowUpId,
    today: Date,
) -> Result<(), StepError> {
    let reason = "its plan ended before it was called off";
    let follow_up = tx.follow_up(id)?;
    Ok(tx.close_follow_up(&follow_up, FollowUpEnd { event: FollowUpEvent::Cancel, reason }, today)?)
}

/// Ends the dates that outlived the plan they were booked under, as a record ends: a person is asked about each.
pub(in crate::journey) fn end_all(
    tx: &mut Tx<'_>,
    patient: PatientId,
    reason: &str,
) -> Result<(), StepError> {
    let today = day(tx.at(), &zone(&tx.patient(patient)?.zone)?);
    for follow_up in tx.follow_ups_of(patient)? {
        if follow_up.state != FollowUpState::Booked || tx.enrolment(follow_up.enrolment)?.is_active {
            continue;
        }
        let Some(booked) = tx.appointment_of(follow_up.id)? else { continue };
        withdraw(tx, &follow_up, reason)?;
        // What was asked when its plan ended says that its letters go on.
        tx.close_tasks_caused(TaskKind::ReviewPlan, &cause(&follow_up), reason)?;
        tx.open_task(
            &KeptDate { follow_up: &follow_up, booked: &booked, letters: KeptLetters::End }.ask(tx.at()),
        )?;
        tx.close_follow_up(&follow_up, FollowUpEnd { event: FollowUpEvent::Cancel, reason }, today)?;
    }
    Ok(())
}
