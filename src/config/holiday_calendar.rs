//! Whole days out of a calendar file (RFC 5545), as authorities publish their holidays. Nothing else of the file is kept.

use std::collections::BTreeSet;

use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event};
use jiff::ToSpan;
use jiff::civil::Date;

/// A file that comes again every year is taken for so many years from the first one on.
const YEARS: i16 = 5;
/// A single entry covers no more days than this; a longer one is no holiday.
const LONGEST: usize = 31;

/// Entries within entries, deeper than any calendar has them: its reader calls itself for each.
const DEEPEST: usize = 16;

/// Why a file gives no days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// Its text is not iCalendar.
    #[error("this file is no calendar: choose one whose name ends in .ics")]
    NoCalendar,
    /// It has no entry that covers whole days.
    #[error("this calendar has no whole days in it: holidays are entries without an hour")]
    NoDays,
}

/// The days of a calendar file. Entries with an hour, and cancelled ones, are left out.
///
/// # Errors
/// [`CalendarFault`].
pub fn days(text: &str) -> Result<BTreeSet<Date>, CalendarFault> {
    if !text.contains("BEGIN:VCALENDAR") || depth(text) > DEEPEST {
        return Err(CalendarFault::NoCalendar);
    }
    let calendar: Calendar = text.parse().map_err(|_| CalendarFault::NoCalendar)?;
    let mut days = BTreeSet::new();
    for component in &calendar.components {
        if let CalendarComponent::Event(event) = component {
            days.extend(of(event));
        }
    }
    if days.is_empty() { Err(CalendarFault::NoDays) } else { Ok(days) }
}

/// How many entries are begun one within another, at the most.
fn depth(text: &str) -> usize {
    let begins =
        |line: &str, word: &str| line.get(..word.len()).is_some_and(|has| has.eq_ignore_ascii_case(word));
    let (mut open, mut deepest) = (0_usize, 0);
    for line in text.lines().map(str::trim_start) {
        if begins(line, "BEGIN:") {
            open += 1;
        } else if begins(line, "END:") {
            open = open.saturating_sub(1);
        }
        deepest = deepest.max(open);
    }
    deepest
}

fn of(event: &Event) -> Vec<Date> {
    let is_off =
        event.property_value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED"));
    let Some(first) = whole(event.get_start()).filter(|_| !is_off) else { return Vec::new() };
    // The end is exclusive (RFC 5545 §3.6.1).
    let end = whole(event.get_end()).filter(|end| *end > first);
    let rule = event.property_value("RRULE").unwrap_or_default().to_ascii_uppercase();
    let years = if rule.contains("FREQ=YEARLY") { YEARS } else { 1 };
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
    let days: Vec<Date> =
        days.take(LONGEST).take_while(|day| *day == first || end.is_some_and(|end| *day < end)).collect();
    let shifted = |year: i16| {
        days.iter().filter_map(move |day| day.checked_add(i64::from(year).years()).ok()).collect::<Vec<_>>()
    };
    (0..years).flat_map(shifted).collect()
}

fn whole(at: Option<DatePerhapsTime>) -> Option<Date> {
    match at? {
        DatePerhapsTime::Date(day) => day.to_string().parse().ok(),
        DatePerhapsTime::DateTime(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_calendar_of_entries_within_entries_is_refused_before_it_is_read() {
        for times in [100, 100_000] {
            let deep = format!("BEGIN:VCALENDAR\r\n{}", "BEGIN:VEVENT\r\n".repeat(times));
            assert_eq!(days(&deep), Err(CalendarFault::NoCalendar));
        }
    }

    fn file(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT\r\n")
    }

    #[test]
    fn whole_days_are_taken_and_hours_are_not() {
        let text = file(&[
            event("DTSTART;VALUE=DATE:20270101\r\nSUMMARY:Año Nuevo"),
            event("DTSTART;VALUE=DATE:20271224\r\nDTEND;VALUE=DATE:20271227\r\nSUMMARY:Christmas\r\n  and after"),
            event("DTSTART:20270210T100000Z\r\nSUMMARY:a meeting"),
            event("DTSTART;VALUE=DATE:20270301\r\nSTATUS:CANCELLED"),
        ]
        .concat());
        let found = days(&text).unwrap();
        let wanted = [date(2027, 1, 1), date(2027, 12, 24), date(2027, 12, 25), date(2027, 12, 26)];
        assert_eq!(found, wanted.into());
    }

    #[test]
    fn a_day_of_every_year_is_taken_for_five() {
        let text = file(&event("DTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=YEARLY"));
        let found: Vec<i16> = days(&text).unwrap().iter().map(|day| day.year()).collect();
        assert_eq!(found, [2026, 2027, 2028, 2029, 2030]);
    }

    #[test]
    fn what_is_no_calendar_says_so() {
        assert_eq!(days("2027-01-01\n"), Err(CalendarFault::NoCalendar));
        assert_eq!(days(&file("")), Err(CalendarFault::NoDays));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
            drop(days(&text));
            drop(days(&file(&event(&text))));
        }
    }
}
