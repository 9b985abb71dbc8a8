//! When to look again: the soonest instants on record.

use jiff::Timestamp;

use super::{StoreError, View, instant, millis, rows};
use crate::care::delivery::MOST_DOUBTS;

impl View<'_> {
    /// The soonest instant at which a follow-up or a letter asks for something.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(at) FROM (SELECT min(next_at) AS at FROM follow_up WHERE next_at IS NOT NULL \
                   UNION ALL SELECT min(next_at) FROM delivery WHERE state = 'pending')";
        let mut found = rows(self.sql, ask, [], |r| r.get::<_, Option<i64>>(0))?;
        Ok(found.pop().flatten().map(instant))
    }

    /// The soonest instant at which a follow-up asks for something.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_follow_up_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(next_at) FROM follow_up WHERE next_at IS NOT NULL";
        let mut found = rows(self.sql, ask, [], |r| r.get::<_, Option<i64>>(0))?;
        Ok(found.pop().flatten().map(instant))
    }

    /// When the first of the letters in doubt that go again by themselves fell into doubt, later than `rested`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_doubt(&self, rested: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(ended_at) FROM delivery WHERE state = 'unknown' AND on_unknown = 'resend' \
                   AND doubts < ?1 AND ended_at > ?2";
        let mut found = rows(self.sql, ask, (MOST_DOUBTS, millis(rested)), |r| r.get::<_, Option<i64>>(0))?;
        Ok(found.pop().flatten().map(instant))
    }
}
