//! When someone is on duty, in the clinic's zone.

use jiff::civil::{Time, Weekday};

/// When someone is on duty, in the clinic's zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// From and until, until exclusive; a shift may run over midnight. `None` is day and night.
    pub shift: Option<(Time, Time)>,
    /// The days on which the shift begins; `None` is every day, holidays included.
    pub weekdays: Option<Vec<Weekday>>,
}
