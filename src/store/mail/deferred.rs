//! Letters that the server, not their reader, put off.

use jiff::Timestamp;

use crate::care::delivery::AttemptVerdict;
use crate::store::db::columns::millis;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

impl Tx<'_> {
    /// Letters that wait because their last attempt ended so are due now; which hours are open is asked when they are claimed.
    /// How many they are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry_deferred(&mut self, ended: AttemptVerdict) -> Result<usize, StoreError> {
        let update = "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1 AND EXISTS \
                      (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.number = delivery.attempt \
                       AND a.verdict = ?2)";
        Ok(self.sql.prepare_cached(update)?.execute((self.at_ms(), ended.word()))?)
    }

    /// Puts forward to now every letter whose last attempt ended without a word of the server's before anything of it was out of
    /// hand: its line was lost, which says nothing of the letter. How many there were.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry_unanswered(&mut self) -> Result<usize, StoreError> {
        let update = "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1 AND EXISTS \
                      (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.number = delivery.attempt \
                       AND a.verdict = ?2 AND a.code IS NULL)";
        Ok(self.sql.prepare_cached(update)?.execute((self.at_ms(), AttemptVerdict::Later.word()))?)
    }
}

impl View<'_> {
    /// How many letters wait because their last attempt ended without a word of the server's.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn unanswered(&self, now: Timestamp) -> Result<u32, StoreError> {
        let count = "SELECT count(*) FROM delivery WHERE state = 'pending' AND next_at > ?1 AND EXISTS \
                     (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.number = delivery.attempt \
                      AND a.verdict = ?2 AND a.code IS NULL)";
        let of = (millis(now), AttemptVerdict::Later.word());
        Ok(self.sql.prepare_cached(count)?.query_row(of, |row| row.get(0))?)
    }

    /// How many letters that were tried wait for their own next try.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn waiting_for_next_try(&self, now: Timestamp) -> Result<u32, StoreError> {
        let count = "SELECT count(*) FROM delivery WHERE state = 'pending' AND attempt > 0 AND next_at > ?1";
        Ok(self.sql.prepare_cached(count)?.query_row([millis(now)], |row| row.get(0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::plan::protocol::OnUnknown;
    use crate::care::refusal::receipt::Receipt;
    use crate::store::database::tests::fresh;
    use crate::store::db::transaction::Stamp;
    use crate::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};

    /// A letter that waits for an hour because its attempt ended so.
    fn put_off(tx: &mut Tx<'_>, verdict: AttemptVerdict) -> Result<DeliveryId, StoreError> {
        let hour = jiff::SignedDuration::from_hours(1);
        let (next_at, expires_at) = (tx.at() + hour, tx.at() + hour * 9);
        let id = tx.enqueue(&NewDelivery {
            patient: None,
            recipient: Some("nurse@clinic.example".to_owned()),
            purpose: Purpose::Alert,
            local_on: jiff::civil::date(2026, 3, 3),
            next_at,
            expires_at,
            on_unknown: OnUnknown::Resend,
            inputs: None,
        })?;
        tx.sql.execute("UPDATE delivery SET attempt = 1 WHERE id = ?", [id.0])?;
        let report = Receipt::unsaid(verdict, String::new());
        tx.note_attempt(id, 1, &report)?;
        Ok(id)
    }

    #[test]
    fn a_server_that_is_back_does_not_see_at_once_whom_it_told_to_slow_down() {
        let (_dir, store) = fresh();
        let now = Timestamp::from_second(1_772_528_400).unwrap();
        let ends = [AttemptVerdict::Unreached, AttemptVerdict::Overloaded, AttemptVerdict::Later];
        let waits = store
            .write_blocking::<_, StoreError>(Stamp::daemon(now), move |tx| {
                let ids = ends.into_iter().map(|end| put_off(tx, end)).collect::<Result<Vec<_>, _>>()?;
                assert_eq!(tx.hurry_deferred(AttemptVerdict::Unreached)?, 1);
                ids.into_iter()
                    .map(|id| Ok(tx.delivery(id)?.next_at > Some(now)))
                    .collect::<Result<Vec<_>, _>>()
            })
            .unwrap();
        assert_eq!(waits, [false, true, true]);
    }
}
