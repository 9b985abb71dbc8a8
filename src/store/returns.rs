//! Letters that come back: whose they are, and whether a notice was taken in before.

use rusqlite::OptionalExtension;

use super::outbox::DeliveryId;
use super::{StoreError, View};

impl View<'_> {
    /// The letter that left under this Message-ID.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_by_message_id(&self, message_id: &str) -> Result<Option<DeliveryId>, StoreError> {
        let ask = "SELECT id FROM delivery WHERE message_id = ? AND message_id <> ''";
        let found =
            self.sql.prepare_cached(ask)?.query_row([message_id], |r| Ok(DeliveryId(r.get(0)?))).optional();
        Ok(found?)
    }

    /// Whether the audit has this very bounce of a letter.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn bounce_is_known(&self, subject: &str, detail: &serde_json::Value) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM audit_event WHERE action = 'delivery.bounced' AND subject = ? AND detail = ?)";
        Ok(self.sql.prepare_cached(ask)?.query_row((subject, detail.to_string()), |r| r.get(0))?)
    }
}
