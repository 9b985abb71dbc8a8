//! The fact that nobody on the ladder counts as reachable: it stands while that is so, and pages and letters say so.

use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

const FACT: &str = "no-cover";

impl Tx<'_> {
    /// Nobody on the ladder counts as reachable from now on, for that reason.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn set_missing_cover(&mut self, reason: &str) -> Result<(), StoreError> {
        self.set_fact(FACT, reason)
    }

    /// Somebody counts as reachable again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn clear_missing_cover(&mut self) -> Result<(), StoreError> {
        self.clear_fact(FACT)
    }
}

impl View<'_> {
    /// Why nobody on the ladder counts as reachable; `None` while somebody does.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn missing_cover(&self) -> Result<Option<String>, StoreError> {
        self.fact(FACT)
    }
}
