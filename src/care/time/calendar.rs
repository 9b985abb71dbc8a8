//! Civil dates: spans from an anchor, month ends that clamp, open days, and the one step from a date to an instant (P4).

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// How many days in a row may be closed before the search for an open one gives up.
const LONGEST_CLOSURE: usize = 400;

/// A unit of a [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Civil days, whatever the clocks do in between.
    Days,
    /// Weeks of seven civil days.
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
    /// The unit that is counted.
    pub unit: Unit,
}

/// A distance in calendar months, clamped to the month's end, and then in days; negative is earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalendarOffset {
    /// Months, twelve to the year.
    pub months: i64,
    /// Days, counted after the months.
    pub days: i64,
}

/// Why a text is not a [`Span`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanFault {
    /// The unit is missing or unknown.
    #[error("a span ends in d, w, m or y (days, weeks, months, years)")]
    Unit,
    /// What stands before the unit is not a whole number.
    #[error("a span begins with a whole number, such as 28d or -7d")]
    Number,
    /// More than four digits.
    #[error("a span has at most four digits")]
    TooFar,
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
    /// The days on which letters may leave.
    pub days: OpenDays,
    /// Local hour at which reminders leave (`sending.at`).
    pub at: Time,
    /// Start of the sending window, local.
    pub opens: Time,
    /// End of the sending window, local, exclusive.
    pub closes: Time,
}

/// When letters may leave, read off the clock of one zone.
#[derive(Debug, Clone, Copy)]
pub struct LocalHours<'h> {
    /// The clinic's sending hours.
    pub hours: &'h SendingHours,
    /// The zone whose clock they mean.
    pub zone: &'h TimeZone,
}

impl std::str::FromStr for Span {
    type Err = SpanFault;

    fn from_str(text: &str) -> Result<Self, SpanFault> {
        let unit = match text.bytes().next_back() {
            Some(b'd') => Unit::Days,
            Some(b'w') => Unit::Weeks,
            Some(b'm') => Unit::Months,
            Some(b'y') => Unit::Years,
            _ => return Err(SpanFault::Unit),
        };
        let number = text.get(..text.len() - 1).unwrap_or_default();
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SpanFault::Number);
        }
        if digits.len() > 4 {
            return Err(SpanFault::TooFar);
        }
        Ok(Self { count: number.parse().map_err(|_| SpanFault::Number)?, unit })
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Days => 'd',
            Unit::Weeks => 'w',
            Unit::Months => 'm',
            Unit::Years => 'y',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl Span {
    /// The date so far from `anchor`, always counted from the anchor itself.
    #[must_use]
    pub fn from(self, anchor: Date) -> Date {
        let edge = if self.count < 0 { Date::MIN } else { Date::MAX };
        shifted(anchor, self.offset()).unwrap_or(edge)
    }

    /// The span as months and days; one of the two is zero.
    #[must_use]
    pub fn offset(self) -> CalendarOffset {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Days => CalendarOffset { months: 0, days: count },
            Unit::Weeks => CalendarOffset { months: 0, days: count * 7 },
            Unit::Months => CalendarOffset { months: count, days: 0 },
            Unit::Years => CalendarOffset { months: count * 12, days: 0 },
        }
    }
}

impl CalendarOffset {
    /// This offset, and `step` so many times on top.
    pub(in crate::care) const fn plus(self, n: i64, step: Self) -> Self {
        Self { months: self.months + n * step.months, days: self.days + n * step.days }
    }

    /// As far the other way.
    pub(in crate::care) const fn back(self) -> Self {
        Self { months: -self.months, days: -self.days }
    }
}

/// `anchor` plus months, clamped to the month's end, then plus days; `None` beyond the calendar.
pub(in crate::care) fn shifted(anchor: Date, by: CalendarOffset) -> Option<Date> {
    let CalendarOffset { months, days } = by;
    let by_months = if months == 0 {
        anchor
    } else {
        anchor.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?
    };
    if days == 0 {
        return Some(by_months);
    }
    by_months.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

impl OpenDays {
    /// Whether letters may leave on that date.
    #[must_use]
    pub fn is_open(&self, date: Date) -> bool {
        self.weekdays.contains(&date.weekday()) && !self.holidays.contains(&date)
    }

    /// The nearest open day on or before `date`; `date` itself if the clinic is closed for more than a year.
    #[must_use]
    pub fn at_or_before(&self, date: Date) -> Date {
        let back = std::iter::successors(Some(date), |d| d.yesterday().ok());
        back.take(LONGEST_CLOSURE).find(|d| self.is_open(*d)).unwrap_or(date)
    }

    /// The nearest open day on or after `date`; `date` itself if the clinic is closed for more than a year.
    #[must_use]
    pub fn at_or_after(&self, date: Date) -> Date {
        ahead(date).find(|d| self.is_open(*d)).unwrap_or(date)
    }
}

fn ahead(date: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(date), |d| d.tomorrow().ok()).take(LONGEST_CLOSURE)
}

/// The instant of a local date and time: a skipped hour gives the first valid instant after the gap,
/// a repeated hour the earlier one.
#[must_use]
pub fn instant(on: Date, at: Time, zone: &TimeZone) -> Timestamp {
    let local = on.to_datetime(at);
    let asked = zone.to_ambiguous_timestamp(local);
    let AmbiguousOffset::Gap { before, after } = asked.offset() else {
        return asked.compatible().unwrap_or(Timestamp::MAX);
    };
    let (Ok(early), Ok(late)) = (after.to_timestamp(local), before.to_timestamp(local)) else {
        return Timestamp::MAX;
    };
    let jump = zone.following(early).map(|t| (t.timestamp(), t.offset()));
    jump.take_while(|(at, _)| *at <= late).find(|(_, offset)| *offset == after).map_or(late, |(at, _)| at)
}

/// The same as [`instant`], but `None` for a day that never was in that zone.
pub(in crate::care) fn instant_within(on: Date, at: Time, zone: &TimeZone) -> Option<Timestamp> {
    let asked = zone.to_ambiguous_timestamp(on.to_datetime(at));
    if !matches!(asked.offset(), AmbiguousOffset::Gap { .. }) {
        return asked.compatible().ok();
    }
    Some(instant(on, at, zone)).filter(|found| zone.to_datetime(*found).date() == on)
}

/// The instant at which that local day is over.
#[must_use]
pub fn end_of_day(on: Date, zone: &TimeZone) -> Timestamp {
    on.tomorrow().map_or(Timestamp::MAX, |next| instant(next, Time::midnight(), zone))
}

impl SendingHours {
    /// The first instant at or after `now` that lies in the sending window of an open day in `zone`.
    /// If the clinic is closed for more than a year, the first window of any day, so that nothing waits for ever.
    #[must_use]
    pub fn next_open(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let today = zone.to_datetime(now).date();
        let window = |day: &Date| {
            let start = instant(*day, self.opens, zone).max(now);
            (start < instant(*day, self.closes, zone)).then_some(start)
        };
        let open = ahead(today).filter(|day| self.days.is_open(*day)).find_map(|day| window(&day));
        open.or_else(|| ahead(today).find_map(|day| window(&day))).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        super::super::zone::find(name).unwrap()
    }

    fn office() -> SendingHours {
        let weekdays = vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday];
        let days = OpenDays { weekdays, holidays: BTreeSet::from([date(2026, 12, 24)]) };
        SendingHours { days, at: time(9, 0, 0, 0), opens: time(8, 0, 0, 0), closes: time(20, 0, 0, 0) }
    }

    fn local(on: Date, at: Time, name: &str) -> String {
        instant(on, at, &zone(name)).to_zoned(zone(name)).strftime("%F %T %z").to_string()
    }

    #[test]
    fn a_span_reads_back_as_it_was_written() {
        for (text, shown) in
            [("28d", "28d"), ("-7d", "-7d"), ("+1d", "1d"), ("0m", "0m"), ("2w", "2w"), ("1y", "1y")]
        {
            assert_eq!(span(text).to_string(), shown);
        }
    }

    #[test]
    fn what_is_no_span_says_why() {
        for (text, fault) in [
            ("", SpanFault::Unit),
            ("3", SpanFault::Unit),
            ("3M", SpanFault::Unit),
            ("3é", SpanFault::Unit),
            ("m", SpanFault::Number),
            ("+-3m", SpanFault::Number),
            ("3.5m", SpanFault::Number),
            (" 3m", SpanFault::Number),
            ("é3d", SpanFault::Number),
            ("12345d", SpanFault::TooFar),
        ] {
            assert_eq!(text.parse::<Span>(), Err(fault), "{text:?}");
        }
    }

    #[test]
    fn months_are_counted_from_the_anchor_and_clamp() {
        let anchor = date(2027, 1, 31);
        assert_eq!(span("1m").from(anchor), date(2027, 2, 28));
        assert_eq!(span("2m").from(anchor), date(2027, 3, 31));
        assert_eq!(span("13m").from(anchor), date(2028, 2, 29));
        assert_eq!(span("1y").from(date(2028, 2, 29)), date(2029, 2, 28));
        assert_eq!(span("4y").from(date(2028, 2, 29)), date(2032, 2, 29));
        assert_eq!(span("-1m").from(date(2027, 3, 31)), date(2027, 2, 28));
    }

    #[test]
    fn a_span_beyond_the_calendar_stops_at_its_edge() {
        assert_eq!(Span { count: i32::MAX, unit: Unit::Years }.from(date(2026, 1, 1)), Date::MAX);
        assert_eq!(Span { count: i32::MIN, unit: Unit::Days }.from(date(2026, 1, 1)), Date::MIN);
    }

    #[test]
    fn closed_days_are_left_in_the_direction_asked() {
        let days = office().days;
        assert_eq!(days.at_or_before(date(2026, 12, 27)), date(2026, 12, 23));
        assert_eq!(days.at_or_after(date(2026, 12, 24)), date(2026, 12, 28));
        assert_eq!(days.at_or_after(date(2026, 12, 28)), date(2026, 12, 28));
    }

    #[test]
    fn a_clinic_that_never_opens_does_not_hang_the_search() {
        let mut hours = office();
        hours.days.weekdays.clear();
        assert_eq!(hours.days.at_or_after(date(2026, 5, 1)), date(2026, 5, 1));
        assert_eq!(hours.days.at_or_before(Date::MIN), Date::MIN);
        let now = instant(date(2026, 5, 1), time(23, 0, 0, 0), &TimeZone::UTC);
        assert_eq!(hours.next_open(now, &TimeZone::UTC), "2026-05-02T08:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_skipped_hour_gives_the_first_instant_after_the_gap() {
        let half_past = time(2, 30, 0, 0);
        assert_eq!(local(date(2026, 3, 29), half_past, "Europe/Madrid"), "2026-03-29 03:00:00 +0200");
        assert_eq!(
            local(date(2026, 3, 8), time(2, 59, 59, 0), "America/New_York"),
            "2026-03-08 03:00:00 -0400"
        );
        let lord_howe = local(date(2026, 10, 4), time(2, 15, 0, 0), "Australia/Lord_Howe");
        assert_eq!(lord_howe, "2026-10-04 02:30:00 +1100");
        assert_eq!(local(date(2024, 4, 26), Time::midnight(), "Africa/Cairo"), "2024-04-26 01:00:00 +0300");
    }

    #[test]
    fn a_repeated_hour_gives_the_earlier_instant() {
        let half_past = time(2, 30, 0, 0);
        assert_eq!(local(date(2026, 10, 25), half_past, "Europe/Madrid"), "2026-10-25 02:30:00 +0200");
        let lord_howe = local(date(2026, 4, 5), time(1, 45, 0, 0), "Australia/Lord_Howe");
        assert_eq!(lord_howe, "2026-04-05 01:45:00 +1100");
    }

    #[test]
    fn a_day_that_never_was_gives_the_start_of_the_next() {
        let apia = local(date(2011, 12, 30), time(9, 0, 0, 0), "Pacific/Apia");
        assert_eq!(apia, "2011-12-31 00:00:00 +1400");
    }

    #[test]
    fn the_next_open_instant_is_in_the_window_of_an_open_day() {
        let (hours, madrid) = (office(), zone("Europe/Madrid"));
        for (now, next) in [
            ("2026-12-22T11:00:00Z", "2026-12-22T11:00:00Z"),
            ("2026-12-22T03:00:00Z", "2026-12-22T07:00:00Z"),
            ("2026-12-23T19:00:00Z", "2026-12-28T07:00:00Z"),
            ("2026-12-24T11:00:00Z", "2026-12-28T07:00:00Z"),
        ] {
            assert_eq!(hours.next_open(now.parse().unwrap(), &madrid), next.parse().unwrap(), "{now}");
        }
    }
}
