//! The one letter that tells her of a date that was booked, moved or called off.

use crate::store::plan::reminders::NewReminder;
use crate::store::subject::Subject;
use jiff::Timestamp;

use crate::care::patient::Patient;
use crate::care::plan::protocol::{OnUnknown, Trigger};
use crate::care::task;
use crate::care::time::calendar;
use crate::journey::error::StepError;
use crate::journey::plan::booking_request::Tell;
use crate::journey::sending_policy::{Policy, day, in_days, zone};
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{NewDelivery, Purpose};
use crate::store::people::preferences::LetterKind;
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::reminders::{ReminderEntry, ReminderTimes as Promised};
use crate::store::work::tasks::NewTask;

/// Puts it into the outbox, unless she knows or may not be written to. Who wants no letters about visits gets none about a
/// date either: a person tells her.
pub(in crate::journey::plan) fn tell(
    tx: &mut Tx<'_>,
    about: (&Patient, &FollowUp, &Booked),
    news: (&str, Tell),
    policy: &Policy,
) -> Result<(), StepError> {
    let (patient, follow_up, appointment) = about;
    if news.1 == Tell::Nobody || !patient.status.may_receive() || patient.email.is_none() {
        return Ok(());
    }
    if tx.declined(patient.id)?.contains(&LetterKind::of(follow_up.kind)) {
        return Ok(by_phone(tx, (follow_up, appointment), news.0)?);
    }
    let zone_here = zone(&patient.zone)?;
    let next_at = policy.hours.next_open(tx.at(), &zone_here);
    let expires_at: Timestamp = calendar::instant(appointment.on, appointment.at, &zone(&appointment.zone)?);
    if expires_at <= tx.at() {
        return Ok(());
    }
    // A date this close is told at once, quiet hours or not: tomorrow's letter would come too late.
    let next_at = if next_at >= expires_at { tx.at() } else { next_at };
    let delivery = tx.enqueue(&NewDelivery {
        patient: Some(patient.id),
        recipient: None,
        purpose: Purpose::Notice,
        local_on: day(next_at, &zone_here),
        next_at,
        expires_at,
        on_unknown: OnUnknown::Resend,
        inputs: None,
    })?;
    // Named by appointment and move: the same date booked again is news again.
    let step = format!("{}.{}.{}", news.0, appointment.id, appointment.sequence);
    let key = (Trigger::Booked, step, appointment.on);
    let slot = Promised { send_on: day(next_at, &zone_here), send_at: next_at, expires_at };
    tx.insert_reminder(
        follow_up,
        NewReminder { key: &key, times: slot, entry: ReminderEntry::Due(delivery) },
    )?;
    Ok(())
}

/// A person tells her of the date. What she would have been told of an earlier one is overtaken.
fn by_phone(
    tx: &mut Tx<'_>,
    (follow_up, appointment): (&FollowUp, &Booked),
    news: &str,
) -> Result<(), StoreError> {
    let cause = |sequence: u32| Subject::Appointment(appointment.id).part(sequence);
    for earlier in 0..appointment.sequence {
        tx.close_tasks_caused(task::TaskKind::OptedOut, &cause(earlier), "there is newer news of that date")?;
    }
    tx.open_task(&NewTask {
        kind: task::TaskKind::OptedOut,
        cause: cause(appointment.sequence),
        patient: Some(follow_up.patient),
        follow_up: Some(follow_up.id),
        reason: format!(
            "{} on {} is {news}, and she wants no letters about visits. Tell her by phone.",
            follow_up.series, appointment.on
        ),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(())
}
