//! What the database knows of a clinic's beginnings.

use crate::care::patient::Reference;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

impl View<'_> {
    /// Whether anybody but the canary is on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_patient(&self) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM patient WHERE reference <> ? LIMIT 1";
        Ok(self.sql.prepare_cached(ask)?.exists([Reference::CANARY])?)
    }

    /// Whether a mail server has ever taken a letter of ours.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_accepted_letter(&self) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM attempt WHERE verdict = 'accepted' LIMIT 1";
        Ok(self.sql.prepare_cached(ask)?.exists([])?)
    }
}
