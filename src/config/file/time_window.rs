//! A part of the day, as `window` and `hours` write it.

use jiff::civil::Time;

/// Two local times of one day, the first before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindow {
    /// When it begins, inclusive.
    pub opens: Time,
    /// When it ends, exclusive.
    pub closes: Time,
}

impl TimeWindow {
    /// Whether that time of day lies in it.
    #[must_use]
    pub fn holds(self, at: Time) -> bool {
        self.opens <= at && at < self.closes
    }
}
