//! The last question before a letter leaves: a letter that waited (a retry, a hold, a week of downtime) still leaves only in an open
//! hour and as her only letter of reminders that day (P4). What waits for the same reader travels with it.

use jiff::{Timestamp, ToSpan};

use super::enqueue;
use crate::care::patient::{Patient, PatientId};
use crate::care::record::letter_role::{LetterRole, may_leave};
use crate::care::time::calendar::instant;
use crate::care::time::clock_trust::Trusted;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw::{expire, postpone, skip};
use crate::journey::sending_policy::Local;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{Delivery, DeliveryId, DueLetter, Purpose};

/// Whether a letter that knows hours may leave now. If not, it waits in the outbox or ended, with its reason on record. What travels with
/// it from here on is in it as well.
pub(in crate::journey) fn opens(
    tx: &mut Tx<'_>,
    due: &mut DueLetter,
    local: Local<'_>,
    now: Trusted,
) -> Result<bool, StepError> {
    let letter = &due.letter;
    let open_at = local.next_open(now.at());
    let is_news = letter.purpose == Purpose::Notice;
    if open_at > now.at() && (open_at < letter.expires_at || !is_news) {
        return wait(tx, letter, &Wait { until: open_at, or_else: "no open hour was left" }, now);
    }
    if is_news { Ok(true) } else { has_the_day(tx, due, local, now) }
}

/// Whether where she stands lets this letter leave (P2): letters go to who is active, and an answer also to whoever wrote to us, unless
/// she has died, or may have, wants no letters, or has no address that works.
pub(in crate::journey) fn lets_through(
    view: &View<'_>,
    patient: &Patient,
    letter: DeliveryId,
) -> Result<bool, StepError> {
    let lets = |role| may_leave(patient.status, patient.suspected_death, role);
    Ok(lets(LetterRole::Plan) || lets(LetterRole::Answer) && view.is_answer(letter)?)
}

/// A link she asked for just now, "go now", the canary's: nothing of the plan, so they leave at any hour.
pub(in crate::journey) fn knows_no_hours(view: &View<'_>, letter: &Delivery) -> Result<bool, StepError> {
    Ok(match letter.purpose {
        Purpose::Alert | Purpose::Canary | Purpose::Digest => true,
        Purpose::Notice => view.reminders_of_delivery(letter.id)?.is_empty(),
        Purpose::Reminders => false,
    })
}

/// Whether it is her only letter of reminders today, with room within the caps. What waits for her beside it joins it first.
fn has_the_day(
    tx: &mut Tx<'_>,
    DueLetter { letter, is_alone, .. }: &mut DueLetter,
    local: Local<'_>,
    now: Trusted,
) -> Result<bool, StepError> {
    let Some(patient) = letter.patient else { return Ok(true) };
    if letter.doubts == 0 && !*is_alone {
        join(tx, letter, patient)?;
    }
    let today = local.day(now.at());
    if letter.local_on == today {
        return Ok(true);
    }
    let letters = tx.letter_days(patient, today, today)?;
    if letters.iter().all(|l| l.is_news) && enqueue::has_room(&letters, today, local.policy) {
        tx.move_day(letter.id, today)?;
        letter.local_on = today;
        return Ok(true);
    }
    let tomorrow = instant(today.saturating_add(1.day()), local.policy.hours.at, local.zone);
    let until = local.next_open(tomorrow);
    wait(tx, letter, &Wait { until, or_else: "no letter of hers may leave any more in time" }, now)
}

/// Other letters that wait for the same reader give their promises to this one.
fn join(tx: &mut Tx<'_>, letter: &mut Delivery, patient: PatientId) -> Result<(), StepError> {
    for other in tx.letters_beside(patient, letter.id, tx.at())? {
        tx.widen(letter.id, other.expires_at, other.on_unknown)?;
        tx.hand_over_reminders(other.id, letter.id)?;
        skip(tx, &other, &format!("travels with letter {}", letter.id.0))?;
        *letter = tx.delivery(letter.id)?;
    }
    Ok(())
}

/// Until when a letter waits that may not leave now.
struct Wait {
    until: Timestamp,
    /// Why it ends instead, where its use is over by then.
    or_else: &'static str,
}

/// Postpones a letter, or ends it. Never lets it leave now.
fn wait(tx: &mut Tx<'_>, letter: &Delivery, wait: &Wait, now: Trusted) -> Result<bool, StepError> {
    if wait.until < letter.expires_at {
        postpone(tx, letter, wait.until)?
    } else {
        expire(tx, letter, wait.or_else, now)?
    }
    Ok(false)
}
