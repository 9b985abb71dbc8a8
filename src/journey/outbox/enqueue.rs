//! Puts a due promise into a letter: one letter a patient and local day, within caps and open hours; or records, with
//! the reason, why it will not leave.

use crate::journey::patients::opt_out_reasons;
use crate::store::plan::reminders::NewReminder;
use crate::store::subject::Subject;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::care::patient::Patient;
use crate::care::plan::due_steps::Key;
use crate::care::plan::protocol::Series;
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::reminder_times::TimedStep;
use crate::care::task;
use crate::journey::error::StepError;
use crate::journey::patients::opt_out_reasons::NO_ADDRESS;
use crate::journey::sending_policy::{Policy, day, in_days};
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};
use crate::store::people::preferences::LetterKind;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::reminders::{LetterDay, ReminderEntry, ReminderTimes};
use crate::store::work::tasks::NewTask;

/// How far ahead a letter may be put off by caps before it is given up.
const DAYS_AHEAD: usize = 15;

/// What became of a promise as it fell due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum Enqueued {
    /// A letter carries it.
    InLetter,
    /// It lost its use.
    Lapsed,
    /// Her status or record stands against it.
    Withdrawn,
}

type What<'a> = (&'a Patient, &'a FollowUp, &'a Series);

pub(in crate::journey) fn key(laid: &TimedStep<'_>) -> Key {
    (laid.trigger, laid.step.name.clone(), laid.basis_on)
}

pub(in crate::journey) fn slot(laid: &TimedStep<'_>) -> ReminderTimes {
    ReminderTimes { send_on: laid.send_on, send_at: laid.send_at, expires_at: laid.useful_until }
}

/// Keeps a promise whose hour has come.
pub(in crate::journey) fn keep(
    tx: &mut Tx<'_>,
    what: What<'_>,
    laid: &TimedStep<'_>,
    wall: (&Policy, &TimeZone),
) -> Result<Enqueued, StepError> {
    let (patient, follow_up, series) = what;
    if !patient.status.may_receive() {
        let entry = ReminderEntry::Over(ReminderState::Cancelled, patient.status.word().to_owned());
        tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
        return Ok(Enqueued::Withdrawn);
    }
    if patient.email.is_none() {
        let entry = ReminderEntry::Over(ReminderState::Cancelled, NO_ADDRESS.to_owned());
        tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
        tx.open_task(&by_hand(tx, what, laid))?;
        return Ok(Enqueued::Withdrawn);
    }
    if wall.0.leaflet_off(series).is_some() {
        let entry = ReminderEntry::Over(
            ReminderState::Cancelled,
            "the clinic has switched this leaflet off".to_owned(),
        );
        tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
        return Ok(Enqueued::Withdrawn);
    }
    let declined = LetterKind::of(follow_up.kind);
    if tx.declined(patient.id)?.contains(&declined) {
        let entry = ReminderEntry::Over(ReminderState::Cancelled, opt_out_reasons::reason(declined));
        tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
        opt_out_reasons::ask(tx, patient.id)?;
        return Ok(Enqueued::Withdrawn);
    }
    let Some(place) = place(tx, patient, (tx.at().max(laid.send_at), laid.useful_until), wall)? else {
        lapse(tx, what, laid, "the caps left no day for it in time")?;
        return Ok(Enqueued::Lapsed);
    };
    let delivery = match place {
        ReminderRoute::Join(id) => {
            tx.widen(id, laid.useful_until, series.on_unknown)?;
            id
        }
        ReminderRoute::New(at) => tx.enqueue(&NewDelivery {
            patient: Some(patient.id),
            recipient: None,
            purpose: Purpose::Reminders,
            local_on: day(at, wall.1),
            next_at: at,
            expires_at: laid.useful_until,
            on_unknown: series.on_unknown,
            inputs: None,
        })?,
    };
    tx.insert_reminder(
        follow_up,
        NewReminder { key: &key(laid), times: slot(laid), entry: ReminderEntry::Due(delivery) },
    )?;
    let detail = serde_json::json!({ "step": laid.step.name, "delivery": delivery.0 });
    tx.audit("reminder.due", follow_up.id, &detail)?;
    Ok(Enqueued::InLetter)
}

/// Records that a promise lost its use, and asks a person where she should hear of it another way.
pub(in crate::journey) fn lapse(
    tx: &mut Tx<'_>,
    what: What<'_>,
    laid: &TimedStep<'_>,
    reason: &str,
) -> Result<(), StepError> {
    let (patient, follow_up, _) = what;
    let entry = ReminderEntry::Over(ReminderState::Lapsed, reason.to_owned());
    tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
    let detail = serde_json::json!({ "step": laid.step.name, "reason": reason });
    tx.audit("reminder.lapsed", follow_up.id, &detail)?;
    if patient.status.may_receive() {
        tx.open_task(&NewTask {
            kind: task::TaskKind::LetterLapsed,
            cause: Subject::from(patient.id).part(laid.send_on),
            reason: format!("The letter `{}` of {} could not leave in time.", laid.step.name, laid.send_on),
            ..by_hand(tx, what, laid)
        })?;
    }
    Ok(())
}

fn by_hand(tx: &Tx<'_>, what: What<'_>, laid: &TimedStep<'_>) -> NewTask {
    let (patient, follow_up, _) = what;
    NewTask {
        kind: task::TaskKind::Unreachable,
        cause: Subject::from(patient.id).to_string(),
        patient: Some(patient.id),
        follow_up: Some(follow_up.id),
        reason: format!("No address for the letter `{}` of {}.", laid.step.name, laid.send_on),
        due_at: in_days(tx.at(), 1),
    }
}

/// Where a promise travels.
pub(in crate::journey) enum ReminderRoute {
    /// In this letter, which waits already.
    Join(DeliveryId),
    /// In a new one at this instant.
    New(Timestamp),
}

/// The first letter or day, from an instant on, on which a promise can travel and is still of use until another.
pub(in crate::journey) fn place(
    tx: &View<'_>,
    patient: &Patient,
    (from, until): (Timestamp, Timestamp),
    wall: (&Policy, &TimeZone),
) -> Result<Option<ReminderRoute>, StepError> {
    let (policy, zone) = wall;
    let mut at = policy.hours.next_open(from, zone);
    let (first, last) = (day(at, zone).saturating_sub(6.days()), day(until, zone).saturating_add(6.days()));
    let letters = tx.letter_days(patient.id, first, last)?;
    for _ in 0..DAYS_AHEAD {
        if at >= until {
            return Ok(None);
        }
        let on = day(at, zone);
        let mut that_day = letters.iter().filter(|l| l.on == on && !l.is_news).peekable();
        if that_day.peek().is_none() && has_room(&letters, on, policy) {
            return Ok(Some(ReminderRoute::New(at)));
        }
        // One that may have arrived already closes the day, whatever waits beside it.
        if let Some(letter) = that_day.next().filter(|l| l.has_room && that_day.all(|l| l.has_room)) {
            return Ok(Some(ReminderRoute::Join(letter.letter)));
        }
        let tomorrow =
            crate::care::time::calendar::instant(on.saturating_add(1.day()), policy.hours.at, zone);
        at = policy.hours.next_open(tomorrow, zone);
    }
    Ok(None)
}

/// Whether one more letter of reminders on that day keeps the day, news she or staff caused included, and every seven
/// days in a row around it, within the caps.
pub(in crate::journey) fn has_room(letters: &[LetterDay], on: Date, policy: &Policy) -> bool {
    let below = |count: usize, cap: u32| count < usize::try_from(cap).unwrap_or(usize::MAX);
    let week = |first: Date| {
        let days = first..=first.saturating_add(6.days());
        letters.iter().filter(|l| !l.is_news && days.contains(&l.on)).count()
    };
    below(letters.iter().filter(|l| l.on == on).count(), policy.daily_cap)
        && (0..7_i64).all(|back| below(week(on.saturating_sub(back.days())), policy.weekly_cap))
}
