//! Which open follow-up a date is meant for: the nearest in whose window it lies. Windows are compared here and nowhere
//! else. Where two series fit, nobody guesses.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use crate::care::plan::schedule::Owed;

/// By how many days a date may miss a window, or a visit the date booked for it, before somebody must say that it is meant.
const SLACK_DAYS: i64 = 14;

/// An open follow-up that a date may be meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCandidate<T> {
    /// What the caller knows it by.
    pub what: T,
    /// The series it belongs to.
    pub series: String,
    /// Its place on the grid.
    pub owed: Owed,
    /// The date booked for it, if any.
    pub booked_on: Option<Date>,
}

/// What a date is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit<T> {
    /// The date counts for this one.
    One(OpenCandidate<T>),
    /// One of each series fits, the nearest first; a person must say which is meant.
    Several(Vec<OpenCandidate<T>>),
    /// It lies outside every window; this one is the nearest.
    Outside(OpenCandidate<T>),
    /// No follow-up is open that it could count for.
    Nothing,
}

/// What a date to be booked is meant for: in the window, or just beside it.
#[must_use]
pub fn to_book<T>(open: Vec<OpenCandidate<T>>, on: Date) -> Fit<T> {
    fit(open, on, |one| match one.owed {
        owed if owed.holds(on) => Some(0),
        owed if is_near(&owed, on) => Some(1),
        _ => None,
    })
}

/// What a visit that took place counts for: the one booked for that day, the one whose window holds it, or the one for
/// which she came some days off the date that was booked.
#[must_use]
pub fn to_record<T>(open: Vec<OpenCandidate<T>>, on: Date) -> Fit<T> {
    fit(open, on, |one| match one.booked_on {
        Some(booked) if booked == on => Some(0),
        _ if one.owed.holds(on) => Some(1),
        Some(booked) if near(booked, on) => Some(2),
        _ => None,
    })
}

/// What a date is meant for that somebody insists on, wherever it lies.
#[must_use]
pub fn anyway<T>(open: Vec<OpenCandidate<T>>, on: Date) -> Fit<T> {
    fit(open, on, |_| Some(0))
}

/// The last day for which a date may be booked: what lies further ahead is a slip of the pen.
#[must_use]
pub fn latest(today: Date) -> Date {
    today.saturating_add(Span::new().years(2))
}

/// Whether a visit on `on` leaves less than half an interval to the one after it.
#[must_use]
pub fn is_crowded(on: Date, owed: &Owed, next: &Owed) -> bool {
    days(on, next.due_on) * 2 < days(owed.due_on, next.due_on)
}

/// Whether a visit on `on` comes less than half an interval after the last one; `before` and `owed` are the due dates between
/// which that interval lies.
#[must_use]
pub fn is_close(on: Date, last_on: Date, [before, owed]: [Date; 2]) -> bool {
    days(last_on, on) * 2 < days(before, owed)
}

fn days(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn fit<T>(
    mut open: Vec<OpenCandidate<T>>,
    on: Date,
    rank: impl Fn(&OpenCandidate<T>) -> Option<u8>,
) -> Fit<T> {
    open.sort_by_key(|one| one.owed.due_on.duration_until(on).abs());
    let Some(best) = open.iter().filter_map(&rank).min() else {
        return open.into_iter().next().map_or(Fit::Nothing, Fit::Outside);
    };
    let mut nearest: Vec<OpenCandidate<T>> = Vec::new();
    for one in open.into_iter().filter(|one| rank(one) == Some(best)) {
        if nearest.iter().all(|other| other.series != one.series) {
            nearest.push(one);
        }
    }
    if nearest.len() > 1 { Fit::Several(nearest) } else { nearest.pop().map_or(Fit::Nothing, Fit::One) }
}

/// Whether a date lies in the window of a follow-up, or misses it by so little that nobody need say that it is meant.
pub(super) fn is_near(owed: &Owed, on: Date) -> bool {
    owed.holds(on) || near(owed.opens_on, on) || near(owed.closes_on, on)
}

fn near(day: Date, on: Date) -> bool {
    (day.saturating_sub(SLACK_DAYS.days())..=day.saturating_add(SLACK_DAYS.days())).contains(&on)
}

#[cfg(test)]
mod tests {
    use super::super::sample::high_risk;
    use super::*;
    use crate::care::plan::schedule::nth;
    use jiff::civil::date;

    fn open(series: &str, number: u32) -> OpenCandidate<u32> {
        let owed = nth(&high_risk(), date(2026, 1, 15), number).unwrap();
        OpenCandidate { what: number, series: series.to_owned(), owed, booked_on: None }
    }

    /// Due 15 April and 15 July 2026; the border lies between 30 and 31 May.
    fn two() -> Vec<OpenCandidate<u32>> {
        vec![open("visit", 1), open("visit", 2)]
    }

    fn second() -> Vec<OpenCandidate<u32>> {
        vec![open("visit", 2)]
    }

    fn shown(fit: Fit<u32>) -> String {
        match fit {
            Fit::One(one) => one.what.to_string(),
            Fit::Several(all) => all.iter().map(|one| one.series.as_str()).collect::<Vec<_>>().join(" or "),
            Fit::Outside(one) => format!("outside {}", one.what),
            Fit::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_visit_closes_the_nearest_open_follow_up_in_whose_window_it_lies() {
        let closed = |open, on| shown(to_record(open, on));
        assert_eq!(closed(two(), date(2026, 3, 20)), "1");
        assert_eq!(closed(two(), date(2026, 5, 30)), "1");
        assert_eq!(closed(two(), date(2026, 5, 31)), "2");
        assert_eq!(closed(second(), date(2026, 5, 20)), "outside 2");
        assert_eq!(closed(two(), date(2026, 1, 16)), "outside 1");
        assert_eq!(closed(Vec::new(), date(2026, 1, 16)), "nothing");
    }

    #[test]
    fn a_visit_counts_for_the_date_booked_for_that_day_then_for_its_window_then_for_a_date_close_by() {
        let booked = |on, visit_on| {
            let mut open = two();
            open[1].booked_on = Some(on);
            shown(to_record(open, visit_on))
        };
        assert_eq!(booked(date(2026, 4, 20), date(2026, 4, 20)), "2");
        assert_eq!(booked(date(2026, 4, 20), date(2026, 4, 21)), "1");
        assert_eq!(booked(date(2026, 12, 1), date(2026, 12, 3)), "2");
        assert_eq!(booked(date(2026, 12, 1), date(2026, 12, 20)), "outside 2");
    }

    #[test]
    fn a_date_beside_the_window_is_booked_and_one_far_off_is_not() {
        assert_eq!(shown(to_book(second(), date(2026, 5, 17))), "2");
        assert_eq!(shown(to_book(second(), date(2026, 5, 16))), "outside 2");
        assert_eq!(shown(to_book(second(), date(2062, 7, 15))), "outside 2");
        assert_eq!(shown(anyway(second(), date(2062, 7, 15))), "2");
    }

    #[test]
    fn where_two_series_fit_nobody_guesses() {
        let both = || vec![open("visit", 1), open("review", 1)];
        assert_eq!(shown(to_book(both(), date(2026, 4, 15))), "visit or review");
        assert_eq!(shown(anyway(both(), date(2027, 4, 15))), "visit or review");
    }

    #[test]
    fn a_visit_late_enough_crowds_the_next() {
        let due = two().into_iter().map(|one| one.owed).collect::<Vec<_>>();
        assert!(!is_crowded(date(2026, 5, 30), &due[0], &due[1]));
        assert!(is_crowded(date(2026, 6, 5), &due[0], &due[1]));
    }

    #[test]
    fn a_visit_soon_after_the_last_is_close_to_it() {
        let grid = [date(2026, 4, 30), date(2026, 7, 31)];
        assert!(is_close(date(2026, 6, 17), date(2026, 6, 12), grid));
        assert!(!is_close(date(2026, 7, 31), date(2026, 4, 30), grid));
    }
}
