//! The last gate of the calendar: a letter that waited (a retry, a hold, a week of downtime) still leaves only in an open
//! hour and as her only letter of reminders that day (P4). What waits for the same reader travels with it.

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::enqueue;
use crate::care::patient::Patient;
use crate::care::time::calendar::instant;
use crate::care::time::clock_trust::{ClockTrust, Trusted};
use crate::journey::error::StepError;
use crate::journey::outbox::withdraw::{expire, postpone, skip};
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, DeliveryId, DueLetter, Purpose};

/// Whether a letter may leave now. If not, it waits in the outbox or ended, with its reason on record. What travels with
/// it from here on is in it as well.
pub(in crate::journey) fn opens(
    tx: &mut Tx<'_>,
    due: &mut DueLetter,
    patient: &Patient,
    (policy, clock): (&Policy, ClockTrust),
) -> Result<bool, StepError> {
    let letter = &due.letter;
    if knows_no_hours(tx, letter)? {
        return Ok(true);
    }
    // Letters that know hours are not taken in hand while the clock is in doubt.
    let Some(now) = clock.sure() else { return Ok(false) };
    let zone = zone(&patient.zone)?;
    let open_at = policy.hours.next_open(now.at(), &zone);
    let is_news = letter.purpose == Purpose::Notice;
    if open_at > now.at() && (open_at < letter.expires_at || !is_news) {
        return wait(tx, letter, (open_at, now), "no open hour was left");
    }
    if is_news { Ok(true) } else { has_the_day(tx, due, patient, (policy, &zone, now)) }
}

/// Whether her status lets this letter leave (P2): letters go to who is active, and an answer also to whoever wrote to us but
/// has died, wants no letters, or has no address that works.
pub(in crate::journey) fn lets_through(
    tx: &Tx<'_>,
    patient: &Patient,
    letter: DeliveryId,
) -> Result<bool, StepError> {
    let status = patient.status;
    Ok(status.may_receive() || status.may_be_answered() && tx.is_answer(letter)?)
}

/// A link she asked for just now, "go now", the canary's: nothing of the plan, so they leave at any hour.
pub(in crate::journey) fn knows_no_hours(tx: &Tx<'_>, letter: &Delivery) -> Result<bool, StepError> {
    Ok(match letter.purpose {
        Purpose::Alert | Purpose::Canary | Purpose::Digest => true,
        Purpose::Notice => tx.reminders_of_delivery(letter.id)?.is_empty(),
        Purpose::Reminders => false,
    })
}

fn has_the_day(
    tx: &mut Tx<'_>,
    DueLetter { letter, is_alone, .. }: &mut DueLetter,
    patient: &Patient,
    (policy, zone, now): (&Policy, &TimeZone, Trusted),
) -> Result<bool, StepError> {
    if letter.doubts == 0 && !*is_alone {
        take_along(tx, letter, patient)?;
    }
    let today = day(now.at(), zone);
    if letter.local_on == today {
        return Ok(true);
    }
    let letters = tx.letter_days(patient.id, today, today)?;
    if letters.iter().all(|l| l.is_news) && enqueue::has_room(&letters, today, policy) {
        tx.move_day(letter.id, today)?;
        letter.local_on = today;
        return Ok(true);
    }
    let tomorrow = instant(today.saturating_add(1.day()), policy.hours.at, zone);
    let until = policy.hours.next_open(tomorrow, zone);
    wait(tx, letter, (until, now), "no letter of hers may leave any more in time")
}

/// Other letters that wait for the same reader give their promises to this one.
fn take_along(tx: &mut Tx<'_>, letter: &mut Delivery, patient: &Patient) -> Result<(), StepError> {
    for other in tx.letters_beside(patient.id, letter.id)? {
        tx.widen(letter.id, other.expires_at, other.on_unknown)?;
        tx.hand_over_reminders(other.id, letter.id)?;
        skip(tx, &other, &format!("travels with letter {}", letter.id.0))?;
        *letter = tx.delivery(letter.id)?;
    }
    Ok(())
}

fn wait(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    (until, now): (jiff::Timestamp, Trusted),
    reason: &str,
) -> Result<bool, StepError> {
    if until < letter.expires_at {
        postpone(tx, letter, until)?
    } else {
        expire(tx, letter, reason, now)?
    }
    Ok(false)
}
