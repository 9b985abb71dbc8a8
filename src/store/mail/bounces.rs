//! Letters that come back: whether a notice was taken in before, and how often one came back because of us.

use jiff::Timestamp;

use crate::store::db::columns::millis;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::subject::Subject;

impl Tx<'_> {
    /// While the server refuses us: the next letter asks at that instant.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn ask_again_at(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.sql.prepare_cached("UPDATE mail_refusal SET probe_at = ?")?.execute([millis(at)])?;
        Ok(())
    }
}

impl View<'_> {
    /// Whether the audit has this very bounce of a letter.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn bounce_is_known(
        &self,
        delivery: DeliveryId,
        detail: &serde_json::Value,
    ) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM audit_event WHERE action = 'delivery.bounced' AND subject = ? AND detail = ?)";
        Ok(self
            .sql
            .prepare_cached(ask)?
            .query_row((Subject::from(delivery).to_string(), detail.to_string()), |r| r.get(0))?)
    }

    /// How often a letter came back because of us, by notices.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn returns_about_us(&self, delivery: DeliveryId) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM audit_event WHERE action = 'delivery.bounced' AND subject = ? \
                   AND detail ->> '$.what' = 'about-us'";
        Ok(self.sql.prepare_cached(ask)?.query_row([Subject::from(delivery).to_string()], |r| r.get(0))?)
    }
}
