//! The planner: pure, lazy, from the anchor. What is owed when; [`crate::care::plan::reminder_times`] says which reminder leaves when.
//!
//! The windows of one series never overlap, and no day between two that reach as far as each other is left out: where both
//! would hold a day the border lies half-way, so that a visit counts for the nearest, else where the next one opens; and
//! never so late that the next one's first reminder has already left. A day that no window reaches belongs to none.

use jiff::civil::Date;

use super::protocol::{At, Series};
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::recurrence::Recurrence;
use crate::care::time::calendar::{CalendarOffset, Span, Unit, shifted};

const VISIT_BEFORE: Span = Span { count: -45, unit: Unit::Days };
const VISIT_AFTER: Span = Span { count: 60, unit: Unit::Days };
const CHECKLIST_AFTER: Span = Span { count: 45, unit: Unit::Days };
const LAST_AFTER: Span = Span { count: 30, unit: Unit::Days };

/// One thing owed: the `number`th of its series. Numbers count from 1 over the whole series and never shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Position in the series, from 1.
    pub number: u32,
    /// The day it is due.
    pub due_on: Date,
    /// First day on which a visit counts for it.
    pub opens_on: Date,
    /// Last day on which a visit counts for it; after it, it is closed as missed.
    pub closes_on: Date,
}

impl Owed {
    /// Whether a visit on that day counts for it.
    #[must_use]
    pub fn holds(&self, on: Date) -> bool {
        (self.opens_on..=self.closes_on).contains(&on)
    }
}

/// Every follow-up of a series in order, computed from the anchor, without end for an open phase.
pub fn owed(series: &Series, anchor: Date) -> impl Iterator<Item = Owed> {
    let grid = Recurrence::new(series, anchor);
    let mut due = (None, grid.nth(1));
    (1u32..).map_while(move |number| {
        let (previous, due_on) = (due.0, due.1?);
        let next = grid.nth(number.checked_add(1)?);
        due = (Some(due_on), next);
        let opens_on = opens(series, previous, due_on);
        Some(Owed { number, due_on, opens_on, closes_on: closes(series, due_on, next) })
    })
}

/// The `number`th follow-up (from 1), or `None` when the series has ended before it.
#[must_use]
pub fn nth(series: &Series, anchor: Date, number: u32) -> Option<Owed> {
    of_grid(series, &Recurrence::new(series, anchor), number)
}

/// The first follow-up due on or after `from`.
#[must_use]
pub fn first_from(series: &Series, anchor: Date, from: Date) -> Option<Owed> {
    let grid = Recurrence::new(series, anchor);
    let before = from.yesterday().map_or(0, |eve| grid.rank(eve));
    of_grid(series, &grid, before.checked_add(1)?)
}

/// What stands open of a series that is first looked at on `today`: what is past due but may still take place, for it can
/// be booked and its window has not closed; and the first that is not past due.
#[must_use]
pub fn open_on(series: &Series, anchor: Date, today: Date) -> [Option<Owed>; 2] {
    let grid = Recurrence::new(series, anchor);
    let passed = today.yesterday().map_or(0, |eve| grid.rank(eve));
    let last = series.kind.is_bookable().then(|| of_grid(series, &grid, passed)).flatten();
    let next = passed.checked_add(1).and_then(|number| of_grid(series, &grid, number));
    [last.filter(|owed| owed.closes_on >= today), next]
}

/// The follow-up in whose window a day lies, the nearest due, among those of the given numbers.
#[must_use]
pub fn nearest(series: &Series, anchor: Date, on: Date, is_open: impl Fn(u32) -> bool) -> Option<Owed> {
    let grid = Recurrence::new(series, anchor);
    let passed = grid.rank(on);
    let around = passed.saturating_sub(1)..=passed.saturating_add(2);
    let open = around.filter(|number| is_open(*number)).filter_map(|number| of_grid(series, &grid, number));
    open.filter(|owed| owed.holds(on)).min_by_key(|owed| owed.due_on.duration_until(on).abs())
}

/// The anchor that puts the `number`th follow-up on the day it took place, for a series with `rebase = true`;
/// the anchor itself for a single date or a number that does not exist.
#[must_use]
pub fn rebased(series: &Series, anchor: Date, number: u32, done_on: Date) -> Date {
    let offset = Recurrence::new(series, anchor).offset(number);
    offset.and_then(|offset| shifted(done_on, offset.back())).unwrap_or(anchor)
}

/// The follow-up after `owed`, if the series goes on. With `rebase = true` the grid counts on from the day it took place.
#[must_use]
pub fn after(series: &Series, anchor: Date, owed: &Owed, done_on: Option<Date>) -> Option<Owed> {
    let anchor = match series.rebase {
        true => rebased(series, anchor, owed.number, done_on.unwrap_or(owed.due_on)),
        false => anchor,
    };
    nth(series, anchor, owed.number.checked_add(1)?)
}

fn of_grid(series: &Series, grid: &Recurrence, number: u32) -> Option<Owed> {
    let previous = number.checked_sub(1).and_then(|n| grid.nth(n));
    let due_on = grid.nth(number)?;
    let next = number.checked_add(1).and_then(|n| grid.nth(n));
    let opens_on = opens(series, previous, due_on);
    Some(Owed { number, due_on, opens_on, closes_on: closes(series, due_on, next) })
}

/// The first day of a follow-up due on `due`; never after `due`, always after the last day of the one before. Where that ended
/// because letters ask for this one already, this one follows at once.
fn opens(series: &Series, previous: Option<Date>, due: Date) -> Date {
    let asked = asked_from(series, due);
    let Some(previous) = previous else { return asked };
    let free = later(closes(series, previous, Some(due)), 1);
    let is_cut = free <= asked_until(series, previous, Some(due));
    if is_cut { free.min(due) } else { asked.max(free) }
}

/// The last day of a follow-up due on `due`; never before `due`, always before `next`.
fn closes(series: &Series, due: Date, next: Option<Date>) -> Date {
    let border = next.map_or(Date::MAX, |next| border(series, due, next));
    asked_until(series, due, next).min(border).max(due)
}

/// From when on a visit counts, if there were no other.
fn asked_from(series: &Series, due: Date) -> Date {
    let default = if series.kind.is_bookable() { VISIT_BEFORE } else { Span { count: 0, unit: Unit::Days } };
    series.window_before.unwrap_or(default).from(due).min(due)
}

/// Until when a visit counts, if there were no other.
fn asked_until(series: &Series, due: Date, next: Option<Date>) -> Date {
    let default = match (series.kind, next) {
        (FollowUpKind::Visit | FollowUpKind::Test, _) => VISIT_AFTER,
        (FollowUpKind::Checklist, Some(_)) => CHECKLIST_AFTER,
        (FollowUpKind::Checklist, None) | (FollowUpKind::Leaflet, _) => LAST_AFTER,
    };
    series.window_after.unwrap_or(default).from(due).max(due)
}

fn border(series: &Series, due: Date, next: Date) -> Date {
    if !series.kind.is_bookable() {
        return later(next, -1);
    }
    let gap = due.duration_until(next).as_hours() / 24;
    let half_way = later(due, (gap - 1) / 2).max(later(asked_from(series, next), -1));
    first_reminder(series).map_or(half_way, |first| half_way.min(later(first.from(next), -1)))
}

fn first_reminder(series: &Series) -> Option<Span> {
    let offsets = series.remind.iter().filter_map(|step| match step.at {
        At::Offset(span) => Some(span),
        At::AfterTwoMisses => None,
    });
    offsets.min_by_key(|span| (span.offset().months * 31) + span.offset().days)
}

fn later(date: Date, days: i64) -> Date {
    shifted(date, CalendarOffset { months: 0, days }).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{any_series, high_risk, phase, series, span};
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::{ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};

    fn dues(series: &Series, anchor: Date, count: usize) -> Vec<Date> {
        owed(series, anchor).take(count).map(|o| o.due_on).collect()
    }

    fn any_anchor() -> impl Strategy<Value = Date> {
        (0..20_000_i64).prop_map(|days| later(date(1999, 12, 31), days))
    }

    #[test]
    fn a_month_end_anchor_clamps_and_never_drifts() {
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        let found = dues(&monthly, date(2027, 1, 31), 4);
        assert_eq!(found, [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]);
        assert_eq!(nth(&monthly, date(2024, 2, 29), 48).unwrap().due_on, date(2028, 2, 29));
    }

    #[test]
    fn a_phase_is_open_at_its_start_and_closed_at_its_end() {
        let found = dues(&high_risk(), date(2026, 1, 15), 15);
        assert_eq!(found[0], date(2026, 4, 15));
        assert_eq!((found[7], found[8]), (date(2028, 1, 15), date(2028, 7, 15)));
        assert_eq!((found[13], found[14]), (date(2031, 1, 15), date(2032, 1, 15)));
    }

    #[test]
    fn single_dates_take_their_place_in_the_numbers_once() {
        let mut tests = series(FollowUpKind::Test, vec![phase("0m", "24m", "12m")]);
        tests.at = vec![span("18m"), span("6m"), span("1y"), span("6m")];
        let found = dues(&tests, date(2026, 1, 1), 9);
        assert_eq!(found, [date(2026, 7, 1), date(2027, 1, 1), date(2027, 7, 1), date(2028, 1, 1)]);
    }

    #[test]
    fn the_border_between_two_visits_lies_half_way() {
        let visits: Vec<Owed> = owed(&high_risk(), date(2026, 1, 15)).take(2).collect();
        assert_eq!((visits[0].opens_on, visits[0].closes_on), (date(2026, 3, 1), date(2026, 5, 30)));
        assert_eq!(visits[1].opens_on, date(2026, 5, 31));
    }

    #[test]
    fn no_day_between_two_quarterly_visits_is_left_out_whatever_their_months() {
        for anchor in [date(2026, 1, 31), date(2026, 1, 15), date(2027, 11, 30)] {
            let visits: Vec<Owed> = owed(&high_risk(), anchor).take(8).collect();
            for pair in visits.windows(2) {
                assert_eq!(later(pair[0].closes_on, 1), pair[1].opens_on, "{pair:?}");
            }
        }
        let visits: Vec<Owed> = owed(&high_risk(), date(2026, 1, 31)).take(2).collect();
        assert!(visits[0].holds(date(2026, 6, 15)) && visits[1].holds(date(2026, 6, 16)));
    }

    #[test]
    fn a_visit_window_ends_before_the_next_first_reminder() {
        let monthly = series(FollowUpKind::Visit, vec![phase("0m", "", "1m")]);
        let first = nth(&monthly, date(2026, 1, 1), 1).unwrap();
        assert_eq!((first.due_on, first.closes_on), (date(2026, 2, 1), date(2026, 2, 1)));
    }

    #[test]
    fn a_checklist_closes_before_the_next_or_after_45_days_and_the_last_after_30() {
        let phases = vec![phase("0m", "2m", "1m"), phase("2m", "8m", "6m")];
        let found: Vec<Owed> = owed(&series(FollowUpKind::Checklist, phases), date(2026, 1, 1)).collect();
        let closes: Vec<Date> = found.iter().map(|o| o.closes_on).collect();
        assert_eq!(closes, [date(2026, 2, 28), date(2026, 4, 15), date(2026, 10, 1)]);
        assert!(found.iter().all(|o| o.opens_on == o.due_on));
    }

    #[test]
    fn what_is_past_due_stands_open_until_its_window_closes() {
        let (visits, anchor) = (high_risk(), date(2026, 1, 15));
        let open = |on| open_on(&visits, anchor, on).map(|owed| owed.map(|o| o.number));
        assert_eq!(open(date(2026, 4, 15)), [None, Some(1)]);
        assert_eq!(open(date(2026, 4, 16)), [Some(1), Some(2)]);
        assert_eq!(open(date(2026, 5, 30)), [Some(1), Some(2)]);
        assert_eq!(open(date(2026, 5, 31)), [None, Some(2)]);
        let once = series(FollowUpKind::Test, vec![phase("0m", "3m", "3m")]);
        assert_eq!(open_on(&once, anchor, date(2026, 5, 1)).map(|o| o.is_some()), [true, false]);
        let asked = series(FollowUpKind::Checklist, vec![phase("0m", "", "3m")]);
        assert_eq!(open_on(&asked, anchor, date(2026, 4, 16))[0], None);
    }

    #[test]
    fn rebasing_counts_on_from_the_day_of_the_visit() {
        let (visits, anchor) = (high_risk(), date(2026, 1, 15));
        let moved = rebased(&visits, anchor, 2, date(2026, 8, 3));
        assert_eq!(nth(&visits, moved, 2).unwrap().due_on, date(2026, 8, 3));
        assert_eq!(nth(&visits, moved, 3).unwrap().due_on, date(2026, 11, 3));
        let ninth = rebased(&visits, anchor, 9, date(2028, 8, 1));
        assert_eq!(nth(&visits, ninth, 10).unwrap().due_on, date(2029, 2, 1));
        assert_eq!(rebased(&visits, anchor, 0, date(2028, 8, 1)), anchor);
    }

    #[test]
    fn a_grid_of_nonsense_owes_nothing() {
        for broken in [phase("0m", "", "0m"), phase("12m", "6m", "3m"), phase("0m", "12m", "-1m")] {
            assert_eq!(owed(&series(FollowUpKind::Visit, vec![broken]), date(2026, 1, 1)).count(), 0);
        }
    }

    #[test]
    fn an_open_phase_ends_with_the_calendar() {
        let yearly = series(FollowUpKind::Visit, vec![phase("0y", "", "1y")]);
        let last = owed(&yearly, date(9990, 6, 1)).last().unwrap();
        assert_eq!((last.number, last.due_on), (9, date(9999, 6, 1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn dates_rise_numbers_count_and_windows_never_overlap(series in any_series(), anchor in any_anchor()) {
            let found: Vec<Owed> = owed(&series, anchor).take(60).collect();
            for (owed, number) in found.iter().zip(1..) {
                prop_assert_eq!(owed.number, number);
                prop_assert!(owed.opens_on <= owed.due_on && owed.due_on <= owed.closes_on);
            }
            for pair in found.windows(2) {
                prop_assert!(pair[0].due_on < pair[1].due_on);
                prop_assert!(pair[0].closes_on < pair[1].opens_on, "{:?}", pair);
                prop_assert!(pair[1].opens_on > pair[0].due_on);
            }
        }

        /// One window holds each day that some follow-up asks for, from the first window's begin to the last one's end; no other
        /// day is held, but where letters ask for the next one already.
        #[test]
        fn a_day_belongs_to_one_window_as_far_as_windows_reach(series in any_series(), anchor in any_anchor()) {
            let found: Vec<Owed> = owed(&series, anchor).take(30).collect();
            let due = |at: usize| found.get(at).map(|owed| owed.due_on);
            let Some(last) = found.last() else { return Ok(()) };
            // The last one taken may have another behind it, which would cut it short.
            let asked: Vec<_> = (0..found.len() - 1)
                .map(|at| {
                    let due_on = found[at].due_on;
                    asked_from(&series, due_on)..=asked_until(&series, due_on, due(at + 1))
                })
                .collect();
            let mut day = found[0].opens_on;
            while day <= last.closes_on.min(later(found[0].opens_on, 2_000)) {
                let holding = found.iter().filter(|owed| owed.holds(day)).count();
                let asks = asked.iter().any(|days| days.contains(&day));
                prop_assert!(holding <= 1, "{day}: {holding}");
                prop_assert!(holding == 1 || !asks, "{day} is asked for and belongs to no window");
                day = later(day, 1);
            }
        }

        #[test]
        fn seeking_and_walking_agree(series in any_series(), anchor in any_anchor(), days in -50..2000_i64) {
            let from = later(anchor, days);
            let walked = owed(&series, anchor).find(|o| o.due_on >= from);
            prop_assert_eq!(first_from(&series, anchor, from), walked);
            for owed in owed(&series, anchor).take(40) {
                prop_assert_eq!(nth(&series, anchor, owed.number), Some(owed));
            }
        }

        #[test]
        fn every_date_is_a_plain_sum_from_the_anchor(every in 1..14_i32, anchor in any_anchor()) {
            let monthly = series(FollowUpKind::Visit, vec![phase("0m", "", &format!("{every}m"))]);
            for owed in owed(&monthly, anchor).take(50) {
                let count = i32::try_from(owed.number).unwrap() * every;
                let plain = anchor.checked_add(jiff::Span::new().months(count)).unwrap();
                prop_assert_eq!(owed.due_on, plain);
                prop_assert!(owed.due_on.day() == anchor.day() || owed.due_on.day() == owed.due_on.days_in_month());
            }
        }

        #[test]
        fn nothing_falls_outside_its_phase(from in 0..24_i32, length in 1..48_i32, every in 1..14_i32, anchor in any_anchor()) {
            let (after, until) = (format!("{from}m"), format!("{}m", from + length));
            let bounded = series(FollowUpKind::Visit, vec![phase(&after, &until, &format!("{every}m"))]);
            let found: Vec<Owed> = owed(&bounded, anchor).collect();
            prop_assert_eq!(found.len(), usize::try_from(length / every).unwrap());
            for owed in found {
                prop_assert!(span(&after).from(anchor) < owed.due_on && owed.due_on <= span(&until).from(anchor));
            }
        }
    }
}
