//! The hours in which people work at the clinic: by when can somebody do something who begins now, or on the next morning?

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Time, Weekday, time};
use jiff::tz::TimeZone;

use super::calendar::{OpenDays, instant};
use crate::care::time::span::later;

/// Days off in a row after which the search for the next working day gives up.
const LONGEST_CLOSURE: usize = 60;

/// When people work: the clinic's open days and its hours on them.
#[derive(Debug, Clone, PartialEq)]
pub struct OfficeHours {
    /// The days on which the clinic is open.
    pub days: OpenDays,
    /// When a working day begins.
    pub opens: Time,
    /// When a working day ends.
    pub closes: Time,
    /// The zone in which days and hours are meant.
    pub zone: TimeZone,
}

/// What holds until a configuration was read: nine to five from Monday to Friday.
impl Default for OfficeHours {
    fn default() -> Self {
        let weekdays =
            vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let days = OpenDays { weekdays, holidays: std::collections::BTreeSet::new() };
        Self { days, opens: time(9, 0, 0, 0), closes: time(17, 0, 0, 0), zone: TimeZone::UTC }
    }
}

impl OfficeHours {
    /// Whether people work at that hour of an open day.
    #[must_use]
    pub fn holds(&self, at: Time) -> bool {
        (self.opens..self.closes).contains(&at)
    }

    /// Whether people work at that moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        self.days.is_open(local.date()) && self.holds(local.time())
    }

    /// When so much working time has passed since `from`. A clinic that is closed for two months counts as open: a careless
    /// list of holidays cannot put a task off for good.
    #[must_use]
    pub fn after(&self, from: Timestamp, work: Duration) -> Timestamp {
        let plain = later(from, work);
        let (mut left, mut closed) = (work, 0);
        let first = from.to_zoned(self.zone.clone()).date();
        for date in std::iter::successors(Some(first), |day| day.tomorrow().ok()) {
            if !self.days.is_open(date) {
                closed += 1;
                if closed > LONGEST_CLOSURE {
                    return plain;
                }
                continue;
            }
            let begins = instant(date, self.opens, &self.zone).max(from);
            let ends = instant(date, self.closes, &self.zone);
            let there = Duration::try_from(ends.duration_since(begins)).unwrap_or(Duration::ZERO);
            if left <= there {
                return later(begins, left);
            }
            left -= there;
            // Hours that end before they begin hold no working time.
            closed = if self.opens < self.closes { 0 } else { closed + 1 };
            if closed > LONGEST_CLOSURE {
                return plain;
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn working_time_runs_only_while_people_are_there() {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let mut hours = OfficeHours { zone, ..OfficeHours::default() };
        hours.days.holidays.insert(jiff::civil::date(2026, 3, 9));
        // Friday 16:00 in Madrid, an hour before the end; Monday is a holiday.
        let friday = at("2026-03-06T15:00:00Z");
        assert_eq!(hours.after(friday, HOUR), at("2026-03-06T16:00:00Z"));
        assert_eq!(hours.after(friday, 4 * HOUR), at("2026-03-10T11:00:00Z"));
        // In the night, and on a Sunday.
        assert_eq!(hours.after(at("2026-03-03T02:00:00Z"), 2 * HOUR), at("2026-03-03T10:00:00Z"));
        assert_eq!(hours.after(at("2026-03-01T12:00:00Z"), 9 * HOUR), at("2026-03-03T09:00:00Z"));
    }

    #[test]
    fn nobody_works_at_midnight_or_on_a_closed_day() {
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let hours = OfficeHours { zone, ..OfficeHours::default() };
        for (moment, open) in [
            ("2026-03-05T23:00:00Z", false),
            ("2026-03-06T08:00:00Z", true),
            ("2026-03-06T15:59:59Z", true),
            ("2026-03-06T16:00:00Z", false),
            ("2026-03-07T10:00:00Z", false),
        ] {
            assert_eq!(hours.is_open(at(moment)), open, "{moment}");
        }
    }

    #[test]
    fn a_clinic_without_any_hours_puts_nothing_off_for_good() {
        let mut never = OfficeHours::default();
        never.days.weekdays.clear();
        let backwards = OfficeHours { opens: time(18, 0, 0, 0), ..OfficeHours::default() };
        for hours in [never, backwards] {
            assert_eq!(hours.after(at("2026-03-06T15:00:00Z"), HOUR), at("2026-03-06T16:00:00Z"));
        }
    }
}
