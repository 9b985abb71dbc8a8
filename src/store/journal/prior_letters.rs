//! Letters that left, or may have left, before a backup was restored that does not know of it.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::care::patient::{PatientStatus, Reference};
use crate::care::plan::due_steps::Key;
use crate::care::record::suspected_death::SuspectedDeath;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::journal::letters;
use crate::store::mail::delivery::DeliveryId;
use crate::store::plan::follow_ups::FollowUpId;

/// Whether a letter left before the restore, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PriorState {
    /// The mail server took it.
    Sent,
    /// It was in hand, and nothing tells what became of it.
    InDoubt,
}

impl PriorState {
    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::InDoubt => "in-doubt",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Sent, Self::InDoubt].into_iter().find(|one| one.word() == word)
    }
}

/// Where somebody stood whom the restored database does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriorStatus {
    /// The status in which she stood then.
    pub status: PatientStatus,
    /// How it was told that she may have died, where that was why letters to her waited.
    pub suspected_death: Option<SuspectedDeath>,
}

/// A letter of which something is known that the restored database does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorLetter {
    /// The number it had.
    pub delivery: DeliveryId,
    /// Whether it left, as far as is known.
    pub left: PriorState,
    /// When it was taken in hand, or its end was recorded.
    pub at: Timestamp,
    /// The promises it held, as the journal names them.
    pub promises: Vec<String>,
}

/// What is known of a letter that waits now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorRecord {
    /// Whether it, or another that held all it says, left before the restore; `None` where nothing is known of that.
    pub left: Option<PriorState>,
    /// When that was, if it is known.
    pub at: Option<Timestamp>,
    /// Rows of promises in it that a letter kept which is known to have left.
    pub kept: Vec<i64>,
    /// Whether a person lets it leave all the same.
    pub is_released: bool,
}

impl Tx<'_> {
    /// Writes down what is known, for the restore that has just put up its fence.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_prior_letters(&mut self, letters: &[PriorLetter]) -> Result<(), StoreError> {
        let letter = "INSERT INTO prior_letter (delivery_id, certainty, left_at, restored_at) \
                      SELECT ?, ?, ?, max(at) FROM fence";
        let promise = "INSERT OR IGNORE INTO prior_promise (promise, prior_letter_id) VALUES (?, ?)";
        for one in letters {
            let row = (one.delivery.0, one.left.word(), millis(one.at));
            self.sql.prepare_cached(letter)?.execute(row)?;
            let id = self.sql.last_insert_rowid();
            for held in &one.promises {
                self.sql.prepare_cached(promise)?.execute((held, id))?;
            }
        }
        Ok(())
    }

    /// Writes down where somebody stood whom the restored database does not have.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_prior_status(&mut self, who: &str, stood: PriorStatus) -> Result<(), StoreError> {
        let upsert = "INSERT INTO prior_status (who, status, suspected_death, restored_at) SELECT ?, ?, ?, max(at) FROM fence WHERE true \
                      ON CONFLICT (who) DO UPDATE SET status = excluded.status, suspected_death = excluded.suspected_death, \
                      restored_at = excluded.restored_at";
        let row = (who, stood.status.word(), stood.suspected_death.map(SuspectedDeath::word));
        self.sql.prepare_cached(upsert)?.execute(row)?;
        Ok(())
    }

    /// Lets a letter leave although it may have left before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn release_prior(&mut self, letter: DeliveryId) -> Result<(), StoreError> {
        let insert = "INSERT OR IGNORE INTO prior_release (delivery_id, released_at) VALUES (?, ?)";
        self.sql.prepare_cached(insert)?.execute((letter.0, self.at_ms()))?;
        Ok(())
    }
}

impl View<'_> {
    /// Where she stood, by her case code, when a backup was restored that did not have her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_status(&self, code: &Reference) -> Result<Option<PriorStatus>, StoreError> {
        let ask = "SELECT status, suspected_death FROM prior_status WHERE who = ?";
        let who = letters::who_is(self.sql, code.as_str())?;
        let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(0)?, r.get::<_, Option<String>>(1)?));
        let found = self.sql.prepare_cached(ask)?.query_row([who], read).optional()?;
        Ok(found.and_then(|(status, told)| {
            // A word that nobody can read says all the same that she may have died.
            let told = told.map(|told| SuspectedDeath::parse(&told).unwrap_or(SuspectedDeath::Untold));
            Some(PriorStatus { status: PatientStatus::parse(&status).ok()?, suspected_death: told })
        }))
    }

    /// Whether anything is known of letters that left before a restore. It costs next to nothing where no backup was restored.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_prior_letters(&self) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM prior_letter)";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }

    /// What is known of a letter that waits: by its own number, where the backup had it already, or by its promises.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_knowledge(&self, letter: DeliveryId) -> Result<PriorRecord, StoreError> {
        let own = "SELECT p.certainty, p.left_at, p.id FROM prior_letter p JOIN fence f ON f.at = p.restored_at \
                   WHERE p.delivery_id = ? AND p.delivery_id <= f.delivery \
                   ORDER BY p.certainty <> 'in-doubt' DESC, p.left_at DESC LIMIT 1";
        let mut found = rows(self.sql, own, [letter.0], |r| self.left(r))?.pop();
        let (mut kept, mut by_promise) = (Vec::new(), Vec::new());
        let mut are_released = true;
        let mut promises = self.named_promises(letter)?;
        promises.retain(|promise| promise.is_due);
        for promise in &promises {
            let known = self.known_of(&promise.digest)?;
            are_released &= known.is_some_and(|known| known.is_released);
            let known = known.map(|known| (known.left, known.at));
            if known.is_some_and(|(left, _)| left == PriorState::Sent) {
                kept.push(promise.row);
            }
            by_promise.extend(known);
        }
        if found.is_none() && !promises.is_empty() && by_promise.len() == promises.len() {
            found = by_promise.into_iter().max();
        }
        let released = "SELECT 1 FROM prior_release WHERE delivery_id = ?";
        Ok(PriorRecord {
            left: found.map(|(left, _)| left),
            at: found.map(|(_, at)| at),
            kept,
            is_released: self.sql.prepare_cached(released)?.exists([letter.0])?
                || are_released && !promises.is_empty(),
        })
    }
}

impl View<'_> {
    /// Whether a letter with this promise left before a restore, as far as anybody knows; `None` where nothing is known.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn prior_promise(&self, follow_up: FollowUpId, key: &Key) -> Result<Option<PriorState>, StoreError> {
        let Some(digest) = self.named_promise(follow_up, key)? else { return Ok(None) };
        Ok(self.known_of(&digest)?.map(|known| known.left))
    }

    fn known_of(&self, digest: &str) -> Result<Option<KnownPromise>, StoreError> {
        let of = "SELECT l.certainty, l.left_at, l.id, l.released_at IS NOT NULL FROM prior_promise p \
                  JOIN prior_letter l ON l.id = p.prior_letter_id \
                  WHERE p.promise = ? ORDER BY l.certainty <> 'in-doubt' DESC, l.left_at DESC LIMIT 1";
        let known = rows(self.sql, of, [digest], |r| {
            let (left, at) = self.left(r)?;
            Ok(KnownPromise { left, at, is_released: r.get(3)? })
        });
        Ok(known?.pop())
    }

    /// Whether a letter left, and when. The schema allows no word but two; where a disk has made another of it, the letter left
    /// until a person says otherwise: she must not get it twice.
    fn left(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<(PriorState, Timestamp)> {
        let (word, id): (String, i64) = (row.get(0)?, row.get(2)?);
        let left = PriorState::parse(&word).unwrap_or_else(|| {
            self.note_unread("prior_letter", id, "nobody knows whether it left");
            PriorState::Sent
        });
        Ok((left, instant(row.get(1)?)))
    }
}

/// What is known of a promise: of the letter that says most about it.
#[derive(Clone, Copy)]
struct KnownPromise {
    left: PriorState,
    at: Timestamp,
    /// Whether a person lets it leave all the same.
    is_released: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, sabotage, stamp};

    #[test]
    fn a_letter_of_which_a_disk_has_spoilt_whether_it_left_has_left_and_a_person_hears_of_it() {
        let (_dir, store) = fresh();
        // As a page of the file reads whose byte a disk has turned.
        let spoilt = "PRAGMA ignore_check_constraints = ON; \
                      INSERT INTO fence (at, patient, follow_up, delivery) VALUES (1, 9, 9, 9); \
                      INSERT INTO prior_letter (id, delivery_id, certainty, left_at, restored_at) VALUES (3, 7, 'rent', 1, 1)";
        store.write_blocking(stamp(), move |tx| sabotage(tx, spoilt)).unwrap();
        let known = store.read(|view| view.prior_knowledge(DeliveryId(7))).unwrap();
        assert_eq!(known.left, Some(PriorState::Sent));
        let met = store.unread().take();
        assert!(met.len() == 1 && met[0].0.table == "prior_letter" && met[0].0.row == "3", "{met:?}");
    }
}
