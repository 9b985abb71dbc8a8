//! Civil dates: spans from an anchor, month ends that clamp, open days, and the one step from a date to an instant (P4).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

/// A unit of a [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Calendar days.
    Days,
    /// Seven days.
    Weeks,
    /// Calendar months, clamped to the month's end.
    Months,
    /// Twelve months, clamped likewise.
    Years,
}

/// A signed calendar distance such as `-28d`, `+1d`, `3m`, `1y`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// How many units; negative is earlier.
    pub count: i32,
    /// Of what.
    pub unit: Unit,
}

/// The days on which the clinic lets letters leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDays {
    /// Weekdays on which sending is allowed; never empty.
    pub weekdays: Vec<Weekday>,
    /// Dates on which it is not.
    pub holidays: BTreeSet<Date>,
}

/// When letters may leave: the open days, the local hour of reminders, and the quiet hours around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendingHours {
    /// Open days.
    pub days: OpenDays,
    /// Local hour at which reminders leave (`sending.at`).
    pub at: Time,
    /// Start of the sending window, local.
    pub opens: Time,
    /// End of the sending window, local, exclusive.
    pub closes: Time,
}

impl Span {
    /// The date so far from `anchor`, always counted from the anchor itself.
    #[must_use]
    pub fn from(self, _anchor: Date) -> Date {
        panic!("planner slice")
    }
}

impl OpenDays {
    /// Whether letters may leave on that date.
    #[must_use]
    pub fn is_open(&self, _date: Date) -> bool {
        panic!("planner slice")
    }
    /// The nearest open day on or before `date`.
    #[must_use]
    pub fn at_or_before(&self, _date: Date) -> Date {
        panic!("planner slice")
    }
    /// The nearest open day on or after `date`.
    #[must_use]
    pub fn at_or_after(&self, _date: Date) -> Date {
        panic!("planner slice")
    }
}

/// The instant of a local date and time: a skipped hour gives the first valid instant after the gap,
/// a repeated hour the earlier one.
#[must_use]
pub fn instant(_on: Date, _at: Time, _zone: &TimeZone) -> Timestamp {
    panic!("planner slice")
}

impl SendingHours {
    /// The first instant at or after `now` that lies in the sending window of an open day in `zone`.
    #[must_use]
    pub fn next_open(&self, _now: Timestamp, _zone: &TimeZone) -> Timestamp {
        panic!("planner slice")
    }
}

/// The zone of that IANA name.
#[must_use]
pub fn zone(_name: &str) -> Option<TimeZone> {
    panic!("planner slice")
}
