//! Whoever comes in mid-course and must be booked by a person: who comes first, and by which day, so that a large import is work
//! for weeks and not for tomorrow.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::time::calendar::OpenDays;

/// The months after treatment in which most recurrences come (clinical brief §0.4).
pub const RISKY_MONTHS: i32 = 36;
/// How many dates a person books a working day beside her other work, unless the clinic says otherwise.
pub const BOOKINGS_A_DAY: u32 = 20;
/// Overdue for longer than this is long.
const LONG_DAYS: i32 = 30;

/// How pressing it is to book a date; the first is the most pressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BookingUrgency {
    /// Due more than thirty days ago.
    LongOverdue,
    /// Due before today, thirty days ago at most.
    Overdue,
    /// Due from today on, too soon for a letter.
    DueSoon,
}

impl BookingUrgency {
    /// How pressing something is on a day.
    #[must_use]
    pub fn of(due_on: Date, today: Date) -> Self {
        match (today - due_on).get_days() {
            late if late > LONG_DAYS => Self::LongOverdue,
            late if late > 0 => Self::Overdue,
            _ => Self::DueSoon,
        }
    }

    /// The word in JSON and on pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LongOverdue => "long-overdue",
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
        }
    }
}

/// Why somebody is on the list no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingOutcome {
    /// A date was booked.
    Booked,
    /// The follow-up took place, or was answered.
    Done,
    /// It is not owed any more: another plan.
    Cancelled,
    /// A person decided otherwise, with a note.
    Settled,
    /// She has died or is followed elsewhere.
    Left,
}

impl BookingOutcome {
    /// The word in SQL.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Settled => "settled",
            Self::Left => "left",
        }
    }
}

/// Whether a day still lies in the risky months after the date a plan counts from.
#[must_use]
pub fn is_risky(anchor_on: Date, today: Date) -> bool {
    anchor_on >= today.saturating_sub(RISKY_MONTHS.months())
}

/// What decides the order: the smaller is booked first. What is long overdue comes before the rest, in each class whoever is in
/// the risky months, and then whoever waits longest.
#[must_use]
pub fn order(due_on: Date, anchor_on: Date, today: Date) -> impl Ord {
    (BookingUrgency::of(due_on, today), !is_risky(anchor_on, today), due_on)
}

/// By which working day each of so many is booked, in their order; the first from the next working day on.
pub fn spread(today: Date, a_day: u32, days: &OpenDays) -> impl Iterator<Item = Date> {
    let next = |on: Date| days.at_or_after(on.saturating_add(1.day()));
    let working = std::iter::successors(Some(next(today)), move |on| Some(next(*on)));
    working.flat_map(move |on| std::iter::repeat_n(on, a_day.max(1) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};

    const TODAY: Date = date(2026, 3, 5);

    #[test]
    fn the_long_overdue_and_among_them_the_risky_months_come_first() {
        let (early, late) = (date(2025, 6, 1), date(2019, 6, 1));
        let mut all = [
            (date(2026, 3, 20), early),
            (date(2026, 3, 1), late),
            (date(2026, 1, 20), late),
            (date(2026, 3, 2), early),
            (date(2026, 1, 25), early),
            (date(2026, 3, 5), late),
        ];
        all.sort_by_key(|(due, anchor)| order(*due, *anchor, TODAY));
        let days: Vec<_> = all.iter().map(|(due, _)| (due.month(), due.day())).collect();
        assert_eq!(days, [(1, 25), (1, 20), (3, 2), (3, 1), (3, 20), (3, 5)]);
        assert_eq!(BookingUrgency::of(date(2026, 2, 3), TODAY), BookingUrgency::Overdue);
        assert_eq!(BookingUrgency::of(date(2026, 2, 2), TODAY), BookingUrgency::LongOverdue);
        assert_eq!(BookingUrgency::of(TODAY, TODAY), BookingUrgency::DueSoon);
    }

    #[test]
    fn so_many_a_day_are_spread_over_working_days_only() {
        let weekdays = Weekday::Monday.cycle_forward().take(5).collect();
        let days = OpenDays { weekdays, holidays: [date(2026, 3, 9)].into() };
        // The 5th is a Thursday, Monday the 9th a holiday.
        let by: Vec<_> = spread(TODAY, 2, &days).take(5).map(|on| on.day()).collect();
        assert_eq!(by, [6, 6, 10, 10, 11]);
        assert_eq!(spread(TODAY, 0, &days).take(2).count(), 2, "nought a day is one");
    }
}
