//! What is odd about a date and hour at the clinic. It may be meant: a remark, never a refusal.

use jiff::civil::{Date, DateTime, Time, time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::care::time::calendar::OpenDays;

/// Nobody is asked to come before this hour, or from the other one on.
const DAY: (Time, Time) = (time(6, 0, 0, 0), time(21, 0, 0, 0));

/// One odd thing about the date and time of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookingRemark {
    /// A holiday, or a weekday on which the clinic sends no letters.
    #[error("{0} is a day on which the clinic is closed")]
    Closed(Date),
    /// Between evening and morning.
    #[error("{at} is in the night", at = .0.strftime("%H:%M"))]
    Night(Time),
    /// The clocks jump over it.
    #[error("{at} does not exist on that day: the clocks go forward over it, and the hour after it is taken", at = .0.strftime("%H:%M"))]
    Missing(Time),
    /// The clocks go through it twice.
    #[error("{at} comes twice on that day: the clocks go back; the first is taken", at = .0.strftime("%H:%M"))]
    Twice(Time),
    /// Less than half an interval before the next one due on that day (clinical brief, case 5).
    #[error("it leaves less than half the usual time to the next, due on {0}")]
    NearNext(Date),
    /// Less than half an interval after the one that took place on that day (clinical brief, case 5).
    #[error("it comes less than half the usual time after the last, on {0}")]
    NearLast(Date),
}

/// Everything odd about a date and hour in the clinic's zone.
#[must_use]
pub fn odd(at: DateTime, zone: &TimeZone, open: &OpenDays) -> Vec<BookingRemark> {
    let (on, hour) = (at.date(), at.time());
    let closed = !open.is_open(on);
    let night = hour < DAY.0 || hour >= DAY.1;
    let offset = match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => Some(BookingRemark::Missing(hour)),
        AmbiguousOffset::Fold { .. } => Some(BookingRemark::Twice(hour)),
    };
    let all =
        [closed.then_some(BookingRemark::Closed(on)), night.then_some(BookingRemark::Night(hour)), offset];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::*;

    fn told(at: DateTime) -> Vec<String> {
        let zone = crate::care::time::zone::find("America/New_York").unwrap();
        let weekdays =
            vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let open = OpenDays { weekdays, holidays: [date(2027, 7, 5)].into() };
        odd(at, &zone, &open).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn closed_days_nights_and_hours_that_clocks_skip_or_repeat_are_odd() {
        assert_eq!(told(date(2027, 4, 12).at(10, 30, 0, 0)), [] as [String; 0]);
        assert_eq!(told(date(2027, 4, 12).at(6, 0, 0, 0)), [] as [String; 0]);
        assert_eq!(
            told(date(2027, 4, 11).at(10, 30, 0, 0)),
            ["2027-04-11 is a day on which the clinic is closed"]
        );
        assert_eq!(
            told(date(2027, 7, 5).at(10, 30, 0, 0)),
            ["2027-07-05 is a day on which the clinic is closed"]
        );
        assert_eq!(told(date(2027, 4, 12).at(21, 0, 0, 0)), ["21:00 is in the night"]);
        assert_eq!(told(date(2027, 4, 12).at(5, 59, 0, 0)), ["05:59 is in the night"]);
        let spring = told(date(2027, 3, 14).at(2, 30, 0, 0));
        assert_eq!(spring.len(), 3);
        assert!(spring[2].starts_with("02:30 does not exist on that day"), "{spring:?}");
        assert!(told(date(2027, 11, 7).at(1, 30, 0, 0))[2].starts_with("01:30 comes twice"));
    }
}
