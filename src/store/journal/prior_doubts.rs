//! Letters that may have left before a backup was restored, and that the outbox of the copy does not hold: not yet, because
//! nothing has fallen due in it, or never. Each is decided about by the number of its record.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::store::db::columns::{instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A letter in doubt of which nobody has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorDoubt {
    /// The number of the record.
    pub id: i64,
    /// The number it had in the ledger before.
    pub delivery: DeliveryId,
    /// When it was taken in hand, or its doubt was recorded.
    pub at: Timestamp,
}

/// What a letter of before promised.
const PROMISES: &str = "SELECT promise FROM prior_promise WHERE prior_letter_id = ?";

/// The last restore, with how far the copy's own letters go.
const LAST: &str = "(SELECT at, delivery FROM fence ORDER BY at DESC LIMIT 1)";

impl View<'_> {
    /// Letters in doubt since the last restore that neither wait in the outbox nor came to an end since, and of which nobody
    /// has decided. One that held no promise and is not in the copy cannot go again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_doubts(&self) -> Result<Vec<PriorDoubt>, StoreError> {
        // One that the copy had in hand comes back to the outbox, or to an end, when a daemon has looked at it.
        let ask = format!(
            "SELECT p.id, p.delivery_id, p.left_at FROM prior_letter p JOIN {LAST} f ON f.at = p.restored_at \
             WHERE p.certainty = 'in-doubt' AND p.released_at IS NULL AND CASE WHEN p.delivery_id <= f.delivery \
               THEN EXISTS (SELECT 1 FROM delivery d WHERE d.id = p.delivery_id AND d.state IN ('claimed', 'unknown')) \
               ELSE EXISTS (SELECT 1 FROM prior_promise q WHERE q.prior_letter_id = p.id) END ORDER BY p.id"
        );
        let mut found = rows(self.sql, &ask, [], |r| {
            Ok(PriorDoubt { id: r.get(0)?, delivery: DeliveryId(r.get(1)?), at: instant(r.get(2)?) })
        })?;
        if found.is_empty() {
            return Ok(found);
        }
        let held = self.promises_since_restore()?;
        let mut placed = BTreeSet::new();
        for doubt in &found {
            let promises: Vec<String> = rows(self.sql, PROMISES, [doubt.id], |r| r.get(0))?;
            if !promises.is_empty() && promises.iter().all(|promise| held.contains(promise)) {
                placed.insert(doubt.id);
            }
        }
        found.retain(|doubt| !placed.contains(&doubt.id));
        Ok(found)
    }

    /// The promises of letters that wait, or came to an end since the last restore.
    fn promises_since_restore(&self) -> Result<BTreeSet<String>, StoreError> {
        let ask = format!(
            "SELECT d.id FROM delivery d, {LAST} f WHERE d.patient_id IS NOT NULL AND (d.state = 'pending' OR d.ended_at >= f.at)"
        );
        let mut held = BTreeSet::new();
        for letter in rows(self.sql, &ask, [], |r| r.get::<_, i64>(0))? {
            held.extend(self.named_promises(DeliveryId(letter))?.into_iter().map(|promise| promise.digest));
        }
        Ok(held)
    }

    /// The one letter in doubt that held exactly the promises which a letter of ours says: its number, and the restore that
    /// lost it. A second copy of it is to be known as such.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_twin(&self, letter: DeliveryId) -> Result<Option<PriorTwin>, StoreError> {
        let mut promises = self.named_promises(letter)?;
        promises.retain(|promise| promise.is_due);
        let of = "SELECT l.id, l.delivery_id, l.restored_at, \
                  (SELECT count(*) FROM prior_promise o WHERE o.prior_letter_id = l.id) FROM prior_promise p \
                  JOIN prior_letter l ON l.id = p.prior_letter_id WHERE p.promise = ? AND l.certainty = 'in-doubt' \
                  ORDER BY l.left_at DESC, l.id DESC LIMIT 1";
        let mut found = BTreeSet::new();
        for promise in &promises {
            let row = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
            let known: Vec<(i64, i64, i64, u32)> = rows(self.sql, of, [&promise.digest], row)?;
            found.insert(known.first().copied());
        }
        let one = found
            .pop_first()
            .flatten()
            .filter(|(.., held)| found.is_empty() && usize::try_from(*held) == Ok(promises.len()));
        Ok(one.map(|(_, delivery, restored_at, _)| PriorTwin { delivery: DeliveryId(delivery), restored_at }))
    }
}

/// The letter whose second copy another one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriorTwin {
    /// The number it had.
    pub delivery: DeliveryId,
    /// The restore that lost it, in milliseconds since 1970 UTC.
    pub restored_at: i64,
}

impl Tx<'_> {
    /// Records of a letter in doubt, by the number of its record, that it left. Whether there was one to decide about.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_was_sent(&mut self, id: i64) -> Result<bool, StoreError> {
        let update = "UPDATE prior_letter SET certainty = 'sent' WHERE id = ? AND certainty = 'in-doubt'";
        Ok(self.sql.prepare_cached(update)?.execute([id])? == 1)
    }

    /// Records of a letter in doubt, by the number of its record, that it leaves once it is owed again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_may_leave(&mut self, id: i64) -> Result<bool, StoreError> {
        let update = "UPDATE prior_letter SET released_at = ? WHERE id = ? AND certainty = 'in-doubt'";
        Ok(self.sql.prepare_cached(update)?.execute((self.at_ms(), id))? == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn the_promises_of_one_letter_are_found_without_a_look_at_those_of_all() {
        let (_dir, store) = fresh();
        let steps = plan(&store, PROMISES, &["1"]);
        assert!(steps.len() == 1 && steps[0].contains("INDEX prior_promise_letter"), "{steps:?}");
    }
}
