//! When to look again: the soonest instants on record.

use jiff::Timestamp;

use crate::care::delivery::MOST_DOUBTS;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

impl Tx<'_> {
    /// After a doubt about the clock: everything that waits for an instant is looked at now, since that may have been reckoned
    /// by a wrong clock. A follow-up works out its instant anew. A letter to a patient that was never tried keeps the one that
    /// a clock that was right gave it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn look_anew(&mut self) -> Result<(), StoreError> {
        for update in [
            "UPDATE follow_up SET promised_from = ?1 WHERE promised_from > ?1",
            "UPDATE follow_up SET next_at = ?1 WHERE next_at IS NOT NULL AND next_at <> ?1",
            "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1 \
             AND (created_at > ?1 OR attempt > 0 OR audience = 'staff')",
            "UPDATE delivery SET ended_at = ?1 WHERE state = 'unknown' AND ended_at > ?1",
            "UPDATE webhook_call SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1",
            "UPDATE mail_refusal SET probe_at = ?1 WHERE probe_at > ?1",
            "UPDATE rung_fault SET taken_at = ?1 WHERE taken_at > ?1",
        ] {
            self.sql.prepare_cached(update)?.execute([self.at_ms()])?;
        }
        Ok(())
    }
}

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
