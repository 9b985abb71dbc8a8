//! Restores leave fences: a restored database gives row numbers out again that rows after the copy had, and whatever names a
//! row by its number (links, Message-IDs, return paths) must not name its successor.

use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// The highest row numbers at a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoredId {
    /// When, in milliseconds since 1970 UTC: no two restores share it.
    pub at: i64,
    /// The highest row of `patient` then; 0 if there was none or it cannot be read.
    pub patient: i64,
    /// The highest row of `follow_up` then, 0 likewise.
    pub follow_up: i64,
    /// The highest row of `delivery` then, 0 likewise.
    pub delivery: i64,
}

impl Tx<'_> {
    /// Puts up a fence behind the rows there are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn mark_restored(&mut self) -> Result<(), StoreError> {
        let insert = "INSERT INTO fence (at, patient, follow_up, delivery) SELECT ?, \
                      (SELECT coalesce(max(id), 0) FROM patient), (SELECT coalesce(max(id), 0) FROM follow_up), \
                      (SELECT coalesce(max(id), 0) FROM delivery)";
        self.sql.prepare_cached(insert)?.execute([self.at_ms()])?;
        Ok(())
    }
}

impl View<'_> {
    /// Every fence, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn restored_ids(&self) -> Result<Vec<RestoredId>, StoreError> {
        let ask = "SELECT at, patient, follow_up, delivery FROM fence ORDER BY at";
        // A number that cannot be read fences everybody off: a link may ask to be renewed, but it never opens somebody else's.
        let row = |r: &rusqlite::Row<'_>, at: usize| -> Result<i64, StoreError> {
            let read = || of_row("fence", r, 0, || Ok(r.get(at)?));
            Ok(self.noted(read()).unwrap_or(0))
        };
        self.all(ask, [], |r| {
            Ok(RestoredId {
                at: row(r, 0)?,
                patient: row(r, 1)?,
                follow_up: row(r, 2)?,
                delivery: row(r, 3)?,
            })
        })
    }
}
