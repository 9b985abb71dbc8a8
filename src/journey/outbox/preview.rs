//! The letter that will leave: what the batch would seal at the instant it waits for, if nothing changes until then. The
//! same questions in the same order as [`crate::journey::outbox::compose::take`]; nothing is written.

use jiff::Timestamp;

use crate::care::guards::stop_kind::STOPPED;
use crate::care::patient::Patient;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::compose::{message_id, words_of};
use crate::journey::outbox::contents::{self, WriteContext};
use crate::journey::outbox::opt_out_reasons::NO_ADDRESS;
use crate::journey::outbox::withdraw::TAKEN_ON;
use crate::journey::outbox::{redelivery, send_window};
use crate::journey::sending_policy::{Local, zone};
use crate::letter::content::Inputs;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{Delivery, Purpose};

/// What becomes of a letter that waits, as things stand.
pub enum LetterPreview {
    /// It leaves then, or at the next open moment after it, sealed like this.
    Leaves(Box<Delivery>, Timestamp),
    /// It will not leave, for this reason.
    Stays(String),
}

/// What a letter that waits will say, and when it leaves at the earliest.
///
/// # Errors
/// [`StepError`] when the store fails, or a record cannot be read.
pub fn of(
    view: &View<'_>,
    letter: &Delivery,
    clinic: &Deps,
    now: Timestamp,
) -> Result<LetterPreview, StepError> {
    let at = letter.next_at.map_or(now, |next| next.max(now));
    if !view.is_wanted(letter.id)? {
        return Ok(stays(TAKEN_ON));
    }
    if view.is_held_back(letter.id)? {
        return Ok(stays(STOPPED));
    }
    let Some(id) = letter.patient else {
        return Ok(in_time(sealed(letter.clone(), clinic, at), at));
    };
    let patient = view.patient(id)?;
    if !send_window::lets_through(view, &patient, letter.id)? {
        return Ok(stays(patient.status.word()));
    }
    let Some(email) = patient.letters_to() else { return Ok(stays(NO_ADDRESS)) };
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let at = if send_window::knows_no_hours(view, letter)? { at } else { local.next_open(at) };
    let occasion = WriteContext { patient: &patient, clinic, at };
    if letter.doubts > 0 && !redelivery::is_same(view, letter, occasion)? {
        return Ok(stays(redelivery::NOT_TRUE));
    }
    let Some(says) = says(view, letter, occasion, local)? else { return Ok(stays("nothing left to say")) };
    let Some(says) = going(view, letter, says)? else { return Ok(stays(STOPPED)) };
    let inputs = serde_json::to_string(&says).ok();
    let letter = Delivery { recipient: Some(email.expose().to_owned()), inputs, ..letter.clone() };
    Ok(in_time(sealed(letter, clinic, at), at))
}

/// A letter without promises, or in doubt, says what was sealed; any other what it carries and what joins it comes to.
fn says(
    view: &View<'_>,
    letter: &Delivery,
    occasion: WriteContext<'_>,
    local: Local<'_>,
) -> Result<Option<Inputs>, StepError> {
    let mut promises = view.promised_by(letter.id)?;
    if promises.is_empty() || letter.doubts > 0 {
        return redelivery::sealed(letter);
    }
    if letter.purpose == Purpose::Reminders {
        let WriteContext { patient: Patient { id, .. }, at, .. } = occasion;
        for other in view.letters_beside(*id, letter.id, at)? {
            // One that leaves before takes nothing of this one along, and leaves nothing to it.
            if other.next_at.is_some_and(|its| local.next_open(its) >= at) {
                promises.extend(view.promised_by(other.id)?);
            }
        }
        promises.sort_by_key(|one| (one.reminder.send_at, one.reminder.id));
    }
    contents::written(view, &promises, occasion)
}

/// What of it is of no kind that is stopped; a letter without promises, or in doubt, goes whole or not at all.
fn going(view: &View<'_>, letter: &Delivery, mut says: Inputs) -> Result<Option<Inputs>, StepError> {
    let stops = view.letter_stops()?;
    if stops.is_empty() || letter.purpose == Purpose::Canary {
        return Ok(Some(says));
    }
    let all = says.items.len();
    says.items.retain(|item| !stops.iter().any(|stop| stop.kind.covers(&item.template, &item.kind)));
    let is_whole = letter.doubts > 0 || view.promised_by(letter.id)?.is_empty();
    let goes = if is_whole { says.items.len() == all } else { !says.items.is_empty() };
    Ok(goes.then_some(says))
}

fn sealed(letter: Delivery, clinic: &Deps, at: Timestamp) -> Delivery {
    let id = letter.message_id.clone().unwrap_or_else(|| message_id(letter.id, clinic));
    let wording = words_of(&letter, clinic);
    Delivery { message_id: Some(id), wording, ..letter.in_hand(at) }
}

fn in_time(letter: Delivery, at: Timestamp) -> LetterPreview {
    match letter.expires_at > at {
        true => LetterPreview::Leaves(Box::new(letter), at),
        false => stays("its use will be over before it can leave"),
    }
}

fn stays(why: &str) -> LetterPreview {
    LetterPreview::Stays(why.to_owned())
}
