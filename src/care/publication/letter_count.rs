//! How many letters a change of plan moves, drops and adds. Counted on the calendar, from the steps of the protocol: what
//! would have left before today has left, and counts no more.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::care::plan::protocol::{At, Series, Trigger};

/// Letters that a change touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetterCount {
    /// They leave on another day.
    pub moved: usize,
    /// They do not leave any more.
    pub dropped: usize,
    /// They leave, and did not before.
    pub added: usize,
}

/// What the letters of one follow-up are counted from.
#[derive(Debug, Clone, Copy)]
pub struct LetterBasis<'s> {
    /// The series whose steps are the letters.
    pub series: &'s Series,
    /// Whether a date is booked for it.
    pub trigger: Trigger,
    /// The due or booked date.
    pub on: Date,
}

impl LetterBasis<'_> {
    /// The letters that still leave, by step.
    fn days(&self, today: Date) -> BTreeMap<&str, Date> {
        let letters = self.series.steps(self.trigger).iter().filter(|step| !step.is_staff_task());
        let dated = letters.filter_map(|step| match step.at {
            At::Offset(span) => Some((step.name.as_str(), span.from(self.on))),
            At::AfterTwoMisses => None,
        });
        dated.filter(|(_, on)| *on >= today).collect()
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.trigger, self.on) == (other.trigger, other.on)
            && self.series.steps(self.trigger) == other.series.steps(other.trigger)
    }
}

impl LetterCount {
    /// What becomes of the letters of one follow-up.
    #[must_use]
    pub fn between(was: Option<LetterBasis<'_>>, is: Option<LetterBasis<'_>>, today: Date) -> Self {
        if let (Some(was), Some(is)) = (&was, &is)
            && was.is_like(is)
        {
            return Self::default();
        }
        let days = |basis: &Option<LetterBasis<'_>>| {
            let days = basis.as_ref().map(|basis| basis.days(today)).unwrap_or_default();
            days.into_iter().map(|(step, on)| (step.to_owned(), on)).collect::<BTreeMap<String, Date>>()
        };
        let (was, is) = (days(&was), days(&is));
        let moved = was.iter().filter(|(step, on)| is.get(*step).is_some_and(|other| other != *on)).count();
        let dropped = was.keys().filter(|step| !is.contains_key(*step)).count();
        let added = is.keys().filter(|step| !was.contains_key(*step)).count();
        Self { moved, dropped, added }
    }

    /// Whether no letter is touched.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for LetterCount {
    fn add_assign(&mut self, other: Self) {
        self.moved += other.moved;
        self.dropped += other.dropped;
        self.added += other.added;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::care::plan::sample::{high_risk, step};

    fn count(
        was: Option<(&Series, Date)>,
        is: Option<(&Series, Date)>,
        today: Date,
    ) -> (usize, usize, usize) {
        let basis = |(series, on)| LetterBasis { series, trigger: Trigger::Remind, on };
        let found = LetterCount::between(was.map(basis), is.map(basis), today);
        (found.moved, found.dropped, found.added)
    }

    #[test]
    fn letters_are_told_apart_by_their_step_and_their_day() {
        let (visits, mut more) = (high_risk(), high_risk());
        more.remind.push(step("book-once-more", "-7d"));
        more.remind.push(step("staff-task-ring", "1d"));
        let (due, later, today) = (date(2026, 6, 1), date(2026, 7, 1), date(2026, 1, 1));
        assert_eq!(count(Some((&visits, due)), Some((&visits, due)), today), (0, 0, 0));
        assert_eq!(count(Some((&visits, due)), Some((&visits, later)), today), (2, 0, 0));
        assert_eq!(count(Some((&visits, due)), Some((&more, due)), today), (0, 0, 1));
        assert_eq!(count(Some((&more, due)), Some((&visits, later)), today), (2, 1, 0));
        assert_eq!(count(Some((&more, due)), None, today), (0, 3, 0));
        assert_eq!(count(None, Some((&visits, due)), today), (0, 0, 2));
    }

    #[test]
    fn what_has_left_is_not_counted() {
        let visits = high_risk();
        // The first letter, 28 days before, has left.
        assert_eq!(count(Some((&visits, date(2026, 6, 1))), None, date(2026, 5, 10)), (0, 1, 0));
        assert_eq!(count(Some((&visits, date(2026, 6, 1))), None, date(2026, 6, 1)), (0, 0, 0));
    }
}
