//! Letters that the server, not their reader, put off.

use crate::care::delivery::AttemptVerdict;
use crate::store::db::transaction::Tx;
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
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
