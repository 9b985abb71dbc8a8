//! Times as people read them, in the clinic's own zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use minijinja::{Value, context};

use crate::journey::sending_policy;

/// The clinic's clock on the wall.
pub(in crate::web::console) struct TimeFormat {
    zone: TimeZone,
    pub(in crate::web::console) now: Timestamp,
}

impl TimeFormat {
    pub(in crate::web::console) fn at(now: Timestamp, zone: &str) -> Self {
        Self { zone: sending_policy::zone(zone).unwrap_or(TimeZone::UTC), now }
    }

    pub(in crate::web::console) fn today(&self) -> Date {
        sending_policy::day(self.now, &self.zone)
    }

    /// A moment, e.g. `23 Nov 2026, 08:32`.
    pub(in crate::web::console) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
    }

    /// A moment on the clock of another zone; nothing where that clock shows what the clinic's does.
    pub(in crate::web::console) fn elsewhere(&self, at: Timestamp, zone: &str) -> Option<Value> {
        let (here, there) = (at.to_zoned(self.zone.clone()), at.to_zoned(sending_policy::zone(zone).ok()?));
        let differs = here.datetime() != there.datetime();
        // Of the same day the hour says enough.
        let clock = if here.date() == there.date() { "%H:%M" } else { "%a %-d %b, %H:%M" };
        differs.then(|| {
            let clock = there.strftime(clock).to_string();
            context! { at => there.strftime("%a %-d %b %Y, %H:%M").to_string(), clock, zone }
        })
    }

    /// The day that a moment falls on.
    pub(in crate::web::console) fn day_of(&self, at: Timestamp) -> Date {
        sending_policy::day(at, &self.zone)
    }

    /// The day of a moment, e.g. `23 Nov 2026`.
    pub(in crate::web::console) fn date(&self, at: Timestamp) -> String {
        day(at.to_zoned(self.zone.clone()).date())
    }

    /// The hour now, e.g. `08:32`.
    pub(in crate::web::console) fn clock(&self) -> String {
        self.now.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// The midnight with which the day begins that comes after so many days.
    pub(in crate::web::console) fn midnight(&self, days: i32) -> Timestamp {
        let on = self.today().saturating_add(days.days());
        on.to_zoned(self.zone.clone()).map_or(self.now, |at| at.timestamp())
    }

    /// How far off a deadline is, in words, and whether it has passed.
    pub(in crate::web::console) fn left(&self, due: Timestamp) -> (String, bool) {
        let left = due.duration_since(self.now);
        if left.is_negative() {
            (format!("overdue by {}", span(left.abs())), true)
        } else {
            (format!("{} left", span(left)), false)
        }
    }

    /// How long ago something was.
    pub(in crate::web::console) fn ago(&self, at: Timestamp) -> String {
        let passed = self.now.duration_since(at);
        // Within a minute two clocks may differ.
        if passed.as_mins() < 0 {
            return format!("in {}: check the clock", span(passed.abs()));
        }
        format!("{} ago", span(passed.abs()))
    }
}

/// A length of time in its largest unit or two.
pub(in crate::web::console) fn span(length: SignedDuration) -> String {
    let minutes = length.as_mins();
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1440 => match minutes % 60 {
            0 => format!("{} h", minutes / 60),
            rest => format!("{} h {rest} min", minutes / 60),
        },
        1440..2880 => "1 day".to_owned(),
        _ => format!("{} days", minutes / 1440),
    }
}

/// A civil date, e.g. `23 Nov 2026`.
pub(in crate::web::console) fn day(on: Date) -> String {
    on.strftime("%-d %b %Y").to_string()
}

/// A word of SQL as a person reads it.
pub(in crate::web::console) fn plain(word: &str) -> String {
    word.replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_is_never_told_as_past() {
        let times = TimeFormat { zone: TimeZone::UTC, now: Timestamp::from_second(1_000_000).unwrap() };
        let ago = |minutes: i64| times.ago(times.now - SignedDuration::from_mins(minutes));
        assert_eq!(ago(40), "40 min ago");
        assert_eq!(ago(-431), "in 7 h 11 min: check the clock");
    }

    #[test]
    fn a_deadline_is_told_in_words() {
        let times = TimeFormat { zone: TimeZone::UTC, now: Timestamp::from_second(1_000_000).unwrap() };
        let left = |minutes: i64| times.left(times.now + SignedDuration::from_mins(minutes)).0;
        assert_eq!(left(40), "40 min left");
        assert_eq!(left(130), "2 h 10 min left");
        assert_eq!(left(-61), "overdue by 1 h 1 min");
        assert_eq!(left(3 * 1440), "3 days left");
        assert_eq!(left(0), "less than a minute left");
    }
}
