//! A refusal that came by notice: our server had taken the letter, and it came back because of us. That our server takes letters
//! proves nothing then. The letter that came back asks again in the rhythm of all probes, and only when it was taken and has
//! not come back for a while do the others follow (P14).

use jiff::{SignedDuration, Timestamp};

use crate::care::delivery::DeliveryState;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::probe;
use crate::care::time::span::later;
use crate::journey::errors::step::StepError;
use crate::store::db::row_location::RowLocation;
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
    /// `None` where its number cannot be read: then no letter asks until the next one is taken.
    id: Option<DeliveryId>,
    taken_at: Option<Timestamp>,
}

fn returned(view: &View<'_>) -> Result<Option<ReturnedProbe>, StepError> {
    let Some(fact) = view.fact(RETURNED)? else { return Ok(None) };
    let (id, taken) = fact.split_once(' ').unwrap_or((&fact, ""));
    let Ok(id) = id.parse().map(DeliveryId) else {
        let place = RowLocation { table: "fact".to_owned(), row: RETURNED.to_owned() };
        view.note_place(&place, "it names no letter");
        return Ok(Some(ReturnedProbe { id: None, taken_at: None }));
    };
    Ok(Some(ReturnedProbe { id: Some(id), taken_at: taken.parse().ok() }))
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
    if let Some(other) = id.filter(|id| *id != letter.id)
        && waits_to_ask(tx, other)?
    {
        return Ok(());
    }
    tx.set_fact(RETURNED, &format!("{} {}", letter.id.0, tx.at()))?;
    let over = later(tx.at(), QUIET);
    Ok(tx.ask_again_at(over)?)
}

/// Whether the letter that came back can ask itself: it is on its way, or may leave now.
fn waits_to_ask(tx: &Tx<'_>, id: DeliveryId) -> Result<bool, StepError> {
    let letter = match tx.delivery(id) {
        // Nobody's letter, or one that cannot be read, asks nothing: what another one came to is recorded all the same.
        Err(fault) if fault.is_not_found() || fault.is_unreadable() => return Ok(false),
        found => found?,
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, fixture, sure, triage};
    use crate::journey::plan::fall_due::fall_due;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_was_taken_is_put_on_record_though_no_letter_that_came_back_can_be_found() {
        let fixture = fixture(triage());
        fall_due(&fixture.clinic, sure(due())).await.unwrap();
        let store = &fixture.clinic.store;
        let letter = store.read(|view| view.letters_waiting(fixture.patient)).unwrap().remove(0);
        for spoilt in ["", "\u{fffd}17", "0", "99999"] {
            let (taken_letter, fact) = (letter.clone(), spoilt.to_owned());
            let job = move |tx: &mut Tx<'_>| {
                tx.set_fact(RETURNED, &fact)?;
                taken(tx, &taken_letter)
            };
            fixture.write(("daemon", due()), job).unwrap();
            let now = store.read(|view| view.fact(RETURNED)).unwrap().unwrap();
            assert_eq!(now, format!("{} {}", letter.id.0, due()), "{spoilt}: it asks in its place");
        }
        let met = store.unread().take();
        assert!(met.len() == 1 && met[0].0.table == "fact" && met[0].0.row == RETURNED, "{met:?}");
    }
}
