//! Letters that come back: whether a notice was taken in before.

use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::subject::Subject;

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
}
