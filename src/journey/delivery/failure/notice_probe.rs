//! A refusal that came by notice: our server had taken the letter, and it came back because of us. That our server takes letters
//! proves nothing then. The letter that came back asks again in the rhythm of all probes, and only when it was taken and has
//! not come back for a while do the others follow (P14).

use jiff::{SignedDuration, Timestamp};

use crate::care::delivery::DeliveryState;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::probe;
use crate::care::time::span::later;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::mail::refusals::RETURNED;

/// How long a letter that was taken must not come back. A server that refuses says so within minutes, and the notice is read as
/// it comes in.
const QUIET: SignedDuration = SignedDuration::from_hours(1);
/// So often a letter that came back because of us goes again by itself; after that a person decides. Where a notice lies, and she
/// has the letter all the same, she gets no more copies than this.
pub(in crate::journey::delivery::failure) const MOST_RETURNS: u32 = 4;

/// The letter that asks, and since when it has been with our server.
struct ReturnedProbe {
    id: DeliveryId,
    taken_at: Option<Timestamp>,
}

fn returned(view: &View<'_>) -> Result<Option<ReturnedProbe>, StepError> {
    let Some(fact) = view.fact(RETURNED)? else { return Ok(None) };
    let (id, taken) = fact.split_once(' ').unwrap_or((&fact, ""));
    Ok(Some(ReturnedProbe { id: DeliveryId(id.parse().unwrap_or_default()), taken_at: taken.parse().ok() }))
}

/// Whether the refusal that stands came by notice.
pub(in crate::journey::delivery::failure) fn stands(view: &View<'_>) -> Result<bool, StepError> {
    Ok(view.fact(RETURNED)?.is_some())
}

/// A letter came back because of us: it asks next, as long after now as a probe rests.
pub(in crate::journey::delivery::failure) fn begin(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    cause: Cause,
) -> Result<(), StepError> {
    tx.set_fact(RETURNED, &letter.id.0.to_string())?;
    let probes = tx.mail_refusal()?.map_or(0, |standing| standing.probes);
    Ok(tx.ask_again_at(later(tx.at(), probe::wait(cause, probes)))?)
}

/// Our server took a letter. Is it the one that came back, or is that one not to leave now, the wait begins.
pub(in crate::journey::delivery::failure) fn taken(
    tx: &mut Tx<'_>,
    letter: &Delivery,
) -> Result<(), StepError> {
    let Some(ReturnedProbe { id, taken_at: None }) = returned(tx)? else { return Ok(()) };
    if id != letter.id && waits_to_ask(tx, id)? {
        return Ok(());
    }
    tx.set_fact(RETURNED, &format!("{} {}", letter.id.0, tx.at()))?;
    let over = later(tx.at(), QUIET);
    Ok(tx.ask_again_at(over)?)
}

/// Whether the letter that came back can ask itself: it is on its way, or may leave now.
fn waits_to_ask(tx: &Tx<'_>, id: DeliveryId) -> Result<bool, StepError> {
    let letter = tx.delivery(id)?;
    let is_due = letter.next_at.is_some_and(|at| at <= tx.at());
    Ok(letter.state == DeliveryState::Claimed || letter.state == DeliveryState::Pending && is_due)
}

/// Whether a letter was taken and has not come back for long enough.
pub(in crate::journey::delivery::failure) fn is_over(tx: &Tx<'_>) -> Result<bool, StepError> {
    let taken = returned(tx)?.and_then(|returned| returned.taken_at);
    Ok(taken.is_some_and(|at| tx.at().duration_since(at) >= QUIET))
}

/// The refusal is over, whatever ended it.
pub(in crate::journey::delivery::failure) fn forget(tx: &mut Tx<'_>) -> Result<(), StepError> {
    Ok(tx.clear_fact(RETURNED)?)
}
