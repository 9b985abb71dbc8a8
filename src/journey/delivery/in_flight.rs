//! Letters in hand, and the register of them: what a line of this process holds is never taken for lost, whatever the wall
//! clock says (a lease ends by the wall clock, and that can jump).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::mail::delivery::{Delivery, DeliveryId};

/// The letters that lines of this process hold now.
#[derive(Debug, Clone, Default)]
pub struct Hands(Arc<Mutex<HashSet<DeliveryId>>>);

impl Hands {
    /// Whether a line of this process holds that letter.
    #[must_use]
    pub fn hold(&self, id: DeliveryId) -> bool {
        self.held().contains(&id)
    }

    fn held(&self) -> MutexGuard<'_, HashSet<DeliveryId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A letter in hand. It counts as held until this goes: with the record of what became of it, or with a line that died.
pub(in crate::journey::delivery) struct InHand {
    /// As it was sealed.
    pub(in crate::journey::delivery) letter: Box<Delivery>,
    /// How many promises it says.
    pub(in crate::journey::delivery) owed: u32,
    hands: Hands,
}

impl InHand {
    pub(in crate::journey::delivery) fn new(letter: Box<Delivery>, owed: u32, hands: &Hands) -> Self {
        hands.held().insert(letter.id);
        Self { letter, owed, hands: hands.clone() }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.hands.held().remove(&self.letter.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, house, sure, triage};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_letter_counts_as_held_until_its_line_is_gone() {
        let house = house(triage());
        crate::journey::plan::fall_due::fall_due(&house.clinic, sure(due())).await.unwrap();
        let letter = house.clinic.store.read(|v| v.letters_waiting(house.patient)).unwrap().remove(0);
        let (hands, id) = (Hands::default(), letter.id);
        let held = InHand::new(Box::new(letter), 1, &hands);
        assert!(hands.hold(id) && !hands.hold(DeliveryId(id.0 + 1)));
        drop(held);
        assert!(!hands.hold(id));
    }
}
