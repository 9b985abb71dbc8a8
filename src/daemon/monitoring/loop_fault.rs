//! What keeps a loop from its work, told once: each loop tries again every minute and more often, and a disk that is full for a day
//! would fill the log with thousands of lines that say the same.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::daemon::monitoring::loop_liveness::DaemonLoop;

/// The fault of each loop that was told and lasts; cheap to clone.
#[derive(Clone, Default)]
pub struct LoopFaults(Arc<Mutex<BTreeMap<DaemonLoop, String>>>);

impl LoopFaults {
    /// Whether that loop failed otherwise the last time, or not at all.
    #[must_use]
    pub fn is_news(&self, of: DaemonLoop, fault: &impl Display) -> bool {
        let fault = fault.to_string();
        self.held().insert(of, fault.clone()).is_none_or(|before| before != fault)
    }

    /// That loop works again: the next fault is news.
    pub fn settle(&self, of: DaemonLoop) {
        self.held().remove(&of);
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<DaemonLoop, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_lasts_is_told_once_and_again_when_it_comes_back() {
        let faults = LoopFaults::default();
        let day = (0..1_440).filter(|_| faults.is_news(DaemonLoop::Plan, &"the disk is full")).count();
        assert_eq!(day, 1);
        assert!(
            faults.is_news(DaemonLoop::Patients, &"the disk is full")
                && faults.is_news(DaemonLoop::Plan, &"locked")
        );
        faults.settle(DaemonLoop::Plan);
        assert!(faults.is_news(DaemonLoop::Plan, &"locked"));
    }
}
