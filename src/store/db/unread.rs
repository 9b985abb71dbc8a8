//! Rows that were met and could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::db::row_location::RowLocation;

/// Rows that were met and could not be read, and what is wrong with each. All views of one database share it.
#[derive(Debug, Clone, Default)]
pub struct Unread {
    met: Arc<Mutex<BTreeMap<RowLocation, String>>>,
    pub(in crate::store) stuck: Arc<Mutex<BTreeSet<RowLocation>>>,
}

impl Unread {
    pub(in crate::store::db) fn note(&self, place: RowLocation, why: String) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(place, why);
    }

    /// Everything that was met so far.
    #[must_use]
    pub fn all(&self) -> Vec<(RowLocation, String)> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.iter().map(|(place, why)| (place.clone(), why.clone())).collect()
    }

    /// The same, and forgets it; what could not be put off is looked at again from here on.
    #[must_use]
    pub fn take(&self) -> Vec<(RowLocation, String)> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner).clear();
        std::mem::take(&mut *self.met.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}
