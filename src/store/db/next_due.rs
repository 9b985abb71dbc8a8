//! When to look again: the soonest instants on record.

use jiff::Timestamp;

use crate::care::delivery::MOST_DOUBTS;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::Purpose;

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

/// The soonest instants, later than one that was looked at already, for which rows other than letters wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextRows {
    /// A follow-up falls due, or is worked out anew.
    pub follow_up: Option<Timestamp>,
    /// The lease of a letter in hand ends.
    pub lease: Option<Timestamp>,
    /// A mail server that refuses us is asked again.
    pub probe: Option<Timestamp>,
    /// An alert rings, or its owner is reminded.
    pub alert: Option<Timestamp>,
    /// A signed call is made.
    pub call: Option<Timestamp>,
}

impl View<'_> {
    /// What waits for an instant later than this, letters but for their leases left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_rows(&self, after: Timestamp) -> Result<NextRows, StoreError> {
        let ask = "SELECT (SELECT min(next_at) FROM follow_up WHERE next_at > ?1), \
                   (SELECT min(lease_until) FROM delivery WHERE state = 'claimed' AND lease_until > ?1), \
                   (SELECT min(probe_at) FROM mail_refusal WHERE probe_at > ?1), \
                   (SELECT min(next_notice_at) FROM alert WHERE next_notice_at > ?1), \
                   (SELECT min(next_at) FROM webhook_call WHERE state = 'pending' AND next_at > ?1)";
        let mut found = rows(self.sql, ask, [millis(after)], |r| {
            let at = |column| Ok::<_, rusqlite::Error>(r.get::<_, Option<i64>>(column)?.map(instant));
            Ok(NextRows { follow_up: at(0)?, lease: at(1)?, probe: at(2)?, alert: at(3)?, call: at(4)? })
        })?;
        Ok(found.pop().unwrap_or_default())
    }

    /// The soonest instant, later than this, at which a letter of one of these purposes may leave.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_letter_at(
        &self,
        purposes: &[Purpose],
        after: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        // Asked one by one, each is a single step in the index, however many letters wait.
        let ask =
            "SELECT min(next_at) FROM delivery WHERE state = 'pending' AND priority = ?1 AND next_at > ?2";
        let mut soonest: Option<i64> = None;
        for purpose in purposes {
            let found =
                rows(self.sql, ask, (purpose.priority(), millis(after)), |r| r.get::<_, Option<i64>>(0))?;
            soonest = soonest.into_iter().chain(found.into_iter().flatten()).min();
        }
        Ok(soonest.map(instant))
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};

    #[test]
    fn the_soonest_instant_after_the_last_look_is_found_by_a_step_in_an_index() {
        let (_dir, store) = fresh();
        let letter = |purpose: Purpose, at: i64| {
            format!(
                "INSERT INTO delivery (audience, purpose, local_on, priority, state, frees_day, next_at, expires_at, attempt, \
                 doubts, on_unknown, created_at) VALUES ('staff', '{}', '2027-01-01', {}, 'pending', 0, {at}, 99999, 0, 0, \
                 'resend', 0)",
                purpose.word(),
                purpose.priority()
            )
        };
        let rows = [
            letter(Purpose::Digest, 5_000),
            letter(Purpose::Alert, 7_000),
            letter(Purpose::Alert, 2_000),
            "INSERT INTO mail_refusal (id, since, audience, cause, likeness, reply, probe_at) \
             VALUES (1, 0, 'staff', 'limit', '', '', 9000)"
                .to_owned(),
        ];
        store.write_blocking(stamp(), move |tx| sabotage(tx, &rows.join(";"))).unwrap();
        let next = |purposes: &[Purpose], after| {
            store.read(|view| view.next_letter_at(purposes, instant(after))).unwrap().map(millis)
        };
        assert_eq!(next(&Purpose::ALL, 0), Some(2_000));
        assert_eq!(
            next(&Purpose::ALL, 2_000),
            Some(5_000),
            "an instant that was looked at is not looked at again"
        );
        assert_eq!(next(&[Purpose::Alert], 2_000), Some(7_000));
        assert_eq!(next(&Purpose::ALL, 7_000), None);
        let found = store.read(|view| view.next_rows(instant(8_999))).unwrap();
        assert_eq!(found, NextRows { probe: Some(instant(9_000)), ..NextRows::default() });
        let steps = plan(
            &store,
            "SELECT min(next_at) FROM delivery WHERE state = 'pending' AND priority = ?1 AND next_at > ?2",
            &["0", "0"],
        );
        assert!(
            steps.iter().any(|step| step.contains("delivery_due (priority=? AND next_at>?)")),
            "{steps:?}"
        );
        let steps = plan(&store, "SELECT min(next_at) FROM follow_up WHERE next_at > ?1", &["0"]);
        assert!(steps.iter().any(|step| step.contains("follow_up_next (next_at>?)")), "{steps:?}");
    }
}
