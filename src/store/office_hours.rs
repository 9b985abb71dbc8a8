//! The clinic's working hours, as every change of this database knows them: no task is overdue when it opens.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::care::time::office_hours::OfficeHours;

/// One value that all handles of a database share; nine to five until the configuration was read.
#[derive(Clone, Default)]
pub(in crate::store) struct HoursInForce(Arc<RwLock<OfficeHours>>);

impl HoursInForce {
    pub(in crate::store) fn set(&self, hours: OfficeHours) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = hours;
    }

    pub(in crate::store) fn get(&self) -> OfficeHours {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// By when a task is due that opens now: as asked, but never before a person can have done it.
    pub(in crate::store) fn due_at(&self, kind: TaskKind, asked: Timestamp, now: Timestamp) -> Timestamp {
        let hours = self.0.read().unwrap_or_else(PoisonError::into_inner);
        asked.max(kind.soonest_due(now, &hours))
    }
}
