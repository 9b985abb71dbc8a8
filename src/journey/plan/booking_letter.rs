//! The one letter that tells her of a date that was booked, moved or called off.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::care::delivery::DeliveryState;
use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::protocol::{OnUnknown, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::task;
use crate::care::time::calendar;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::Tell;
use crate::journey::sending_policy::{Local, Policy, in_days, zone};
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{NewDelivery, Purpose};
use crate::store::people::preferences::LetterKind;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::reminders::{NewReminder, Reminder, ReminderEntry, ReminderTimes as Promised};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// News of a date, as its letter and its task name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey::plan) enum DateChange {
    /// A date is agreed.
    Booked,
    /// An agreed date was put on another day or hour, or in another place.
    Moved,
    /// It was called off.
    CalledOff,
}

impl DateChange {
    /// The word in the letter's step, and the name of its template.
    const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Moved => "changed",
            Self::CalledOff => "cancelled",
        }
    }
}

/// Whether no letter can have told her of a date: each news of it so far was given to a letter, and none of those left. News
/// without a letter reached her otherwise, or nobody knows; then it counts as heard.
pub(in crate::journey::plan) fn is_unheard(
    tx: &Tx<'_>,
    follow_up: &FollowUp,
    last: &Booked,
) -> Result<bool, StepError> {
    let sequence = |step: &str| -> Option<u32> { step.split_once(&format!(".{}.", last.id))?.1.parse().ok() };
    let mut given = BTreeSet::new();
    for reminder in tx.reminders_of_follow_up(follow_up.id)? {
        let news = sequence(&reminder.key.1);
        let tells = news.is_some() || (reminder.key.0 == Trigger::Booked && reminder.key.2 == last.on);
        if tells && may_have_left(tx, &reminder)? {
            return Ok(false);
        }
        given.extend(news);
    }
    Ok((0..=last.sequence).all(|sequence| given.contains(&sequence)))
}

/// Whether the letter of a promise left, or may have.
fn may_have_left(tx: &Tx<'_>, reminder: &Reminder) -> Result<bool, StoreError> {
    use ReminderState::{Answered, Sent, Undeliverable};
    if matches!(reminder.state, Sent | Answered | Undeliverable) {
        return Ok(true);
    }
    let letter = reminder.delivery.map(|id| tx.delivery(id)).transpose()?;
    Ok(letter.is_some_and(|letter| {
        letter.doubts > 0 || matches!(letter.state, DeliveryState::Claimed | DeliveryState::Unknown)
    }))
}

/// A date of which she is to be told.
pub(in crate::journey::plan) struct DateNews<'a> {
    pub(in crate::journey::plan) patient: &'a Patient,
    pub(in crate::journey::plan) follow_up: &'a FollowUp,
    pub(in crate::journey::plan) appointment: &'a Booked,
    pub(in crate::journey::plan) change: DateChange,
}

/// Puts it into the outbox, unless she knows. Whoever no letter reaches now, and who wants none about visits, gets none about a
/// date either: a person tells her (P7).
pub(in crate::journey::plan) fn tell(
    tx: &mut Tx<'_>,
    news: &DateNews<'_>,
    tell: Tell,
    policy: &Policy,
) -> Result<(), StepError> {
    let DateNews { patient, follow_up, appointment, change } = *news;
    let when = calendar::instant(appointment.on, appointment.at, &zone(&appointment.zone)?);
    if tell == Tell::Nobody || when <= tx.at() {
        return Ok(());
    }
    if tx.declined(patient.id)?.contains(&LetterKind::of(follow_up.kind)) {
        return Ok(ask_to_ring(tx, news, Unreached::WantsNone)?);
    }
    if !patient.gets_letters() {
        return Ok(ask_to_ring(tx, news, Unreached::NoWay)?);
    }
    let local = Local { policy, zone: &zone(&patient.zone)? };
    let next_at = local.next_open(tx.at());
    let expires_at: Timestamp = when;
    // A date this close is told at once, quiet hours or not: tomorrow's letter would come too late.
    let next_at = if next_at >= expires_at { tx.at() } else { next_at };
    let delivery = tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Notice,
        local_on: local.day(next_at),
        next_at,
        expires_at,
        on_unknown: OnUnknown::Resend,
        inputs: None,
    })?;
    // Named by appointment and move: the same date booked again is news again.
    let step = format!("{}.{}.{}", change.word(), appointment.id, appointment.sequence);
    let key = (Trigger::Booked, step, appointment.on);
    let slot = Promised { send_on: local.day(next_at), send_at: next_at, expires_at };
    let reminder = NewReminder { key: &key, times: slot, entry: ReminderEntry::Due(delivery) };
    tx.insert_reminder(follow_up, reminder)?;
    Ok(())
}

/// Why no letter tells her of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unreached {
    /// She said that she wants none about visits.
    WantsNone,
    /// Where she stands, or for want of an address, none reaches her.
    NoWay,
}

impl Unreached {
    /// The kind of the task that asks to ring her: it says of nobody that she wants no letters who never said so.
    const fn kind(self, status: PatientStatus) -> task::TaskKind {
        match (self, status) {
            (Self::WantsNone, _) | (Self::NoWay, PatientStatus::OptedOutEmail) => task::TaskKind::OptedOut,
            (Self::NoWay, _) => task::TaskKind::ReviewPlan,
        }
    }

    const fn why(self) -> &'static str {
        match self {
            Self::WantsNone => "she wants no letters about visits",
            Self::NoWay => "no letter reaches her now",
        }
    }
}

/// A person tells her of the date. What she would have been told of an earlier one is overtaken.
fn ask_to_ring(tx: &mut Tx<'_>, news: &DateNews<'_>, reached: Unreached) -> Result<(), StoreError> {
    let DateNews { patient, follow_up, appointment, change } = *news;
    let why = reached.why();
    let cause = |sequence: u32| Subject::Appointment(appointment.id).part(sequence);
    for earlier in 0..appointment.sequence {
        for kind in [task::TaskKind::OptedOut, task::TaskKind::ReviewPlan] {
            tx.close_tasks_caused(kind, &cause(earlier), "there is newer news of that date")?;
        }
    }
    tx.open_task(&NewTask {
        kind: reached.kind(patient.status),
        cause: cause(appointment.sequence),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!(
            "{} on {} is {}, and {why}. Tell her by phone.",
            follow_up.series,
            appointment.on,
            change.word()
        ),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(())
}
