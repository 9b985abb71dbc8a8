//! Letters in hand, and the register of them: what a worker of this process holds is never taken for lost, whatever the wall
//! clock says (a lease ends by the wall clock, and that can jump).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::mail::final_check::FinalCheck;

/// The letters that workers of this process hold now, and how often each is held: one that came back and was taken again in the
/// same transaction is held anew before the hand that brought it lets go.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashMap<DeliveryId, u32>>>);

impl InFlight {
    /// Whether a worker of this process holds that letter.
    #[must_use]
    pub fn hold(&self, id: DeliveryId) -> bool {
        self.held().contains_key(&id)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<DeliveryId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A letter in hand. It counts as held until this goes: with the record of what became of it, or with a worker that died.
pub(in crate::journey) struct ClaimedLetter {
    /// As it was sealed.
    pub(in crate::journey) letter: Box<Delivery>,
    /// How many promises it says.
    pub(in crate::journey) owed: u32,
    in_flight: InFlight,
}

impl ClaimedLetter {
    pub(in crate::journey) fn new(letter: Box<Delivery>, owed: u32, in_flight: &InFlight) -> Self {
        *in_flight.held().entry(letter.id).or_default() += 1;
        Self { letter, owed, in_flight: in_flight.clone() }
    }

    /// What the last look asks of it.
    pub(in crate::journey) fn asked(&self) -> FinalCheck {
        let Self { letter, owed, .. } = self;
        let recipient = letter.recipient.clone();
        FinalCheck { id: letter.id, attempt: letter.attempt, owed: *owed, recipient }
    }
}

impl Drop for ClaimedLetter {
    fn drop(&mut self) {
        let mut held = self.in_flight.held();
        if let Entry::Occupied(mut hands) = held.entry(self.letter.id) {
            *hands.get_mut() -= 1;
            if *hands.get() == 0 {
                hands.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, fixture, sure, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_counts_as_held_until_its_line_is_gone() {
        let fixture = fixture(triage());
        crate::journey::plan::fall_due::fall_due(&fixture.clinic, sure(due())).await.unwrap();
        let letter = fixture.clinic.store.read(|v| v.letters_waiting(fixture.patient)).unwrap().remove(0);
        let (in_flight, id) = (InFlight::default(), letter.id);
        let held = ClaimedLetter::new(Box::new(letter), 1, &in_flight);
        assert!(in_flight.hold(id) && !in_flight.hold(DeliveryId(id.0 + 1)));
        drop(held);
        assert!(!in_flight.hold(id));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_that_was_taken_again_is_held_when_whoever_brought_it_back_lets_go() {
        let fixture = fixture(triage());
        crate::journey::plan::fall_due::fall_due(&fixture.clinic, sure(due())).await.unwrap();
        let letter = fixture.clinic.store.read(|v| v.letters_waiting(fixture.patient)).unwrap().remove(0);
        let (in_flight, id) = (InFlight::default(), letter.id);
        let brought = ClaimedLetter::new(Box::new(letter.clone()), 1, &in_flight);
        let taken = ClaimedLetter::new(Box::new(letter), 1, &in_flight);
        drop(brought);
        assert!(in_flight.hold(id), "nobody may take it for lost");
        drop(taken);
        assert!(!in_flight.hold(id));
    }
}
