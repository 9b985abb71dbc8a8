//! When what is on record of an alert that rings came about, and what it means that some of it lies in the future.

use jiff::Timestamp;

use crate::care::time::clock_trust;

/// When what is on record of an alert that rings came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingDates {
    /// When it was raised, or raised again.
    pub raised_at: Timestamp,
    /// When the last rung was told for the first time.
    pub climbed_at: Option<Timestamp>,
    /// When everyone was told for the first time.
    pub everyone_at: Option<Timestamp>,
    /// When the last notice left.
    pub last_at: Option<Timestamp>,
}

impl RingDates {
    /// The same, as if nothing of it lay in the future: after a clock that was set back it rings rather than waits.
    #[must_use]
    pub fn no_later_than(self, now: Timestamp) -> Self {
        let cap = |at: Option<Timestamp>| at.map(|at| at.min(now));
        Self {
            raised_at: self.raised_at.min(now),
            climbed_at: cap(self.climbed_at),
            everyone_at: cap(self.everyone_at),
            last_at: cap(self.last_at),
        }
    }

    /// Whether the newest of them was dated by a clock that was wrong: it rings at once.
    #[must_use]
    pub fn is_ahead(self, now: Timestamp) -> bool {
        clock_trust::is_ahead(self.last_at.unwrap_or(self.raised_at).max(self.raised_at), now)
    }
}
