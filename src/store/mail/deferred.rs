//! Letters that the server, not their reader, put off.

use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

impl Tx<'_> {
    /// They are due now; which hours are open is asked when they are claimed.
    /// How many they are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry_deferred(&mut self) -> Result<usize, StoreError> {
        let update = "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?1 AND EXISTS \
                      (SELECT 1 FROM attempt a WHERE a.delivery_id = delivery.id AND a.number = delivery.attempt \
                       AND (a.verdict = 'unreached' OR a.verdict = 'overloaded'))";
        Ok(self.sql.prepare_cached(update)?.execute([self.at_ms()])?)
    }
}
