//! A series is planned anew from another anchor, protocol or version. What she did counts where its window holds it, what
//! does not change stays as it is, what lies ahead is owed; what the change alone puts into the past is for a person.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::protocol::Series;
use crate::care::plan::date_match::is_near;
use crate::care::plan::diff::{FollowUpChange, diff, diff_by_date, same_grid};
use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::{Owed, first_from, nearest, nth, owed, rebased};

/// A follow-up that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoneFollowUp {
    /// The day it was due.
    pub due_on: Date,
    /// The day it took place, was answered, or its time was over.
    pub on: Date,
    /// Its number, where its grid counts as the new one does.
    pub number: Option<u32>,
}

/// A follow-up that is written down and open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenFollowUp {
    /// Its place on the grid.
    pub owed: Owed,
    /// The day booked for it.
    pub booked_on: Option<Date>,
}

/// A series as it stands on record under the plan that ends.
#[derive(Debug, Clone)]
pub struct SeriesOnRecord<'p> {
    series: &'p Series,
    /// The anchor of the enrolment.
    counted_from: Date,
    /// From when the grid counts now: the same, or where the last visit put it.
    anchor: Date,
    open: Vec<WrittenFollowUp>,
    from: Option<u32>,
}

impl<'p> SeriesOnRecord<'p> {
    /// A series counted from an anchor, the last of it ever written down, and what of it is open, by number.
    #[must_use]
    pub fn new(
        series: &'p Series,
        counted_from: Date,
        last: Option<Owed>,
        open: Vec<WrittenFollowUp>,
    ) -> Self {
        let anchor = match last.filter(|_| series.rebase) {
            Some(last) => rebased(series, counted_from, last.number, last.due_on),
            None => counted_from,
        };
        let from = open.iter().map(|o| o.owed.number).min();
        let from = from.or(last.and_then(|l| l.number.checked_add(1)));
        Self { series, counted_from, anchor, open, from }
    }

    /// The same where a task still asks about everything since that number.
    #[must_use]
    pub fn asked_since(mut self, number: Option<u32>) -> Self {
        self.from = [self.from, number].into_iter().flatten().min();
        self
    }

    /// What is open and what follows it, until a day.
    #[must_use]
    pub fn ahead(&self, until: Date) -> Vec<Owed> {
        let Some(first) = self.open.iter().map(|o| o.owed.number).min() else { return Vec::new() };
        let written = |n| self.open.iter().map(|o| o.owed).find(|o| o.number == n);
        let each = (first..).map_while(|n| written(n).or_else(|| nth(self.series, self.anchor, n)));
        each.take_while(|o| o.due_on <= until).collect()
    }

    /// Whether that is the very grid which visits have moved along: then it goes on where it stands.
    fn rebases_like(&self, series: &Series, anchor: Date) -> bool {
        let is_same = same_grid(self.series, series) && self.counted_from == anchor;
        is_same && self.series.rebase && series.rebase
    }

    /// Whether the old plan had not yet put what is due on that place behind her.
    fn still_owes(&self, series: &Series, owed: &Owed) -> bool {
        match self.from {
            None => false,
            Some(from) if same_grid(self.series, series) => owed.number >= from,
            Some(from) => {
                let last = from.checked_sub(1).and_then(|n| nth(self.series, self.anchor, n));
                last.is_none_or(|last| last.due_on < owed.due_on)
            }
        }
    }
}

/// What becomes of the follow-ups of one series under the new plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replanned {
    /// What is open and stays so, by its place in the old list, with the place it now has.
    pub kept: Vec<(usize, Owed)>,
    /// What is booked and is a thing that the new plan does not have, by its place in the old list.
    pub stray: Vec<usize>,
    /// What is booked for a day near which the new plan owes nothing of the kind, by its place in the old list.
    pub stays: Vec<usize>,
    /// What is to be written down newly.
    pub next: Option<Owed>,
    /// What the change alone puts into the past, and nobody has done.
    pub fell: Vec<Owed>,
    ahead: Vec<Owed>,
}

/// What becomes of follow-ups that are open, as [`Replanned`] has it.
#[derive(Default)]
struct KeptBookings {
    kept: Vec<(usize, Owed)>,
    stray: Vec<usize>,
    stays: Vec<usize>,
}

/// A grid, and what of it is done.
struct SeriesGrid<'s> {
    series: &'s Series,
    anchor: Date,
    /// Nothing up to this number is owed: the grid started again after it.
    floor: u32,
    done: BTreeSet<u32>,
}

/// A series and the date from which it counts.
#[derive(Debug, Clone, Copy)]
pub struct AnchoredSeries<'s> {
    /// The series whose due dates are computed.
    pub series: &'s Series,
    /// The date from which it counts.
    pub anchor: Date,
}

/// The stretch of days that a new plan is computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplanWindow {
    /// What is due before this day lies in the past.
    pub today: Date,
    /// The last day looked at.
    pub until: Date,
}

/// Plans a series anew, counted from an anchor; `stood` is what the old plan had of it.
#[must_use]
pub fn replan(
    to: AnchoredSeries<'_>,
    stood: Option<&SeriesOnRecord<'_>>,
    done: &[DoneFollowUp],
    window: ReplanWindow,
) -> Replanned {
    let (AnchoredSeries { series, anchor }, ReplanWindow { today, until }) = (to, window);
    if series.id == EXTRA_VISIT {
        return stood.map_or_else(Replanned::default, |stood| Replanned::beside_the_plan(stood, until));
    }
    let grid = match stood.filter(|s| s.rebases_like(series, anchor)) {
        Some(stood) => SeriesGrid::going_on(series, stood),
        None => SeriesGrid::new(series, anchor, done),
    };
    let first = grid.first_from(today);
    let KeptBookings { kept, stray, stays } = grid.keep(stood, first);
    let next = first.filter(|first| !kept.iter().any(|(_, k)| k.number <= first.number));
    let begins = kept.iter().map(|(_, k)| k.number).chain(next.map(|n| n.number)).min();
    let fell = grid.fell(stood, begins, today);
    let ahead = begins.map(|begins| grid.since(begins, until)).unwrap_or_default();
    Replanned { kept, stray, stays, next, fell, ahead }
}

impl Replanned {
    /// Visits that no plan asks for stay as they are, whatever the new one owes.
    fn beside_the_plan(stood: &SeriesOnRecord<'_>, until: Date) -> Self {
        let kept = stood.open.iter().map(|open| open.owed).enumerate().collect();
        Self { kept, ahead: stood.ahead(until), ..Self::default() }
    }

    /// What changes, and apart from it what falls into the past; each with what it was before.
    #[must_use]
    pub fn changes(
        &self,
        series: &Series,
        stood: Option<(&SeriesOnRecord<'_>, Date)>,
    ) -> (Vec<FollowUpChange>, Vec<FollowUpChange>) {
        let was = stood.map(|(stood, until)| stood.ahead(until)).unwrap_or_default();
        let is: Vec<Owed> = self.fell.iter().chain(&self.ahead).copied().collect();
        let changes = match stood {
            Some((stood, _)) if !same_grid(stood.series, series) => diff_by_date(&was, &is),
            _ => diff(&was, &is),
        };
        let fell = |change: &FollowUpChange| change.is().is_some_and(|is| self.fell.contains(&is));
        let (past, ahead): (Vec<_>, Vec<_>) = changes.into_iter().partition(fell);
        (ahead.into_iter().filter(|change| !matches!(change, FollowUpChange::Kept(_))).collect(), past)
    }

    /// The days ahead on which it was owed and stays so.
    #[must_use]
    pub fn unchanged(&self, stood: &SeriesOnRecord<'_>, until: Date) -> Vec<Owed> {
        let was: BTreeSet<Date> = stood.ahead(until).iter().map(|owed| owed.due_on).collect();
        self.ahead.iter().filter(|owed| was.contains(&owed.due_on)).copied().collect()
    }
}

impl<'s> SeriesGrid<'s> {
    fn going_on(series: &'s Series, stood: &SeriesOnRecord<'_>) -> Self {
        let floor = stood.from.map_or(0, |from| from.saturating_sub(1));
        Self { series, anchor: stood.anchor, floor, done: BTreeSet::new() }
    }

    fn new(series: &'s Series, anchor: Date, done: &[DoneFollowUp]) -> Self {
        let plain = Self { series, anchor, floor: 0, done: BTreeSet::new() };
        let last = done.iter().filter(|d| series.rebase && d.on > anchor).max_by_key(|d| d.on);
        let counted = last.and_then(|d| Some((plain.counts_for(d)?, d.on)));
        if let Some((floor, on)) = counted {
            return Self { anchor: rebased(series, anchor, floor, on), floor, ..plain };
        }
        let numbers = done.iter().filter_map(|d| plain.counts_for(d)).collect();
        Self { done: numbers, ..plain }
    }

    /// The number that something done counts for: the one due on the same day, else the one whose window holds the day.
    /// A leaflet is closed by time, so the day says nothing; where the grid rebases, only the number does.
    fn counts_for(&self, done: &DoneFollowUp) -> Option<u32> {
        let by_window = |on| nearest(self.series, self.anchor, on, |_| true).map(|o| o.number);
        if self.series.rebase {
            return done.number.or_else(|| by_window(done.on));
        }
        let same_day = || self.on(done.due_on).map(|o| o.number);
        match self.series.kind {
            FollowUpKind::Leaflet => done.number.or_else(same_day).or_else(|| by_window(done.due_on)),
            FollowUpKind::Visit | FollowUpKind::Test | FollowUpKind::Checklist => {
                same_day().or_else(|| by_window(done.on))
            }
        }
    }

    fn on(&self, due_on: Date) -> Option<Owed> {
        first_from(self.series, self.anchor, due_on).filter(|o| o.due_on == due_on)
    }

    fn owes(&self, number: u32) -> bool {
        number > self.floor && !self.done.contains(&number)
    }

    fn first_from(&self, from: Date) -> Option<Owed> {
        let first = first_from(self.series, self.anchor, from)?.number.max(self.floor.checked_add(1)?);
        (first..).map_while(|n| nth(self.series, self.anchor, n)).find(|o| self.owes(o.number))
    }

    /// What follows once the first is written down: one by one, as each before it closes.
    fn since(&self, number: u32, until: Date) -> Vec<Owed> {
        let each = (number..).map_while(|n| nth(self.series, self.anchor, n));
        each.take_while(|o| o.due_on <= until).collect()
    }

    fn keep(&self, stood: Option<&SeriesOnRecord<'_>>, first: Option<Owed>) -> KeptBookings {
        let KeptBookings { mut kept, mut stray, mut stays } = KeptBookings::default();
        let Some(stood) = stood else { return KeptBookings::default() };
        let is_same = is_same_thing(stood.series, self.series);
        for (at, open) in stood.open.iter().enumerate() {
            let is_free = |n: u32| self.owes(n) && !kept.iter().any(|(_, k)| k.number == n);
            let same_day = || self.on(open.owed.due_on).filter(|o| is_same && is_free(o.number));
            let place = match open.booked_on {
                Some(on) => same_day().or_else(|| self.nearest_place(on, first.filter(|_| is_same), is_free)),
                None => same_day(),
            };
            match place {
                Some(place) => kept.push((at, place)),
                None if open.booked_on.is_some() && is_same => stays.push(at),
                None if open.booked_on.is_some() => stray.push(at),
                None => {}
            }
        }
        KeptBookings { kept, stray, stays }
    }

    /// The follow-up that a booked day counts for: the one whose window holds it, else the nearest from the first on whose window
    /// it just misses. Further off it counts for none: a later visit would be taken for done.
    fn nearest_place(&self, on: Date, first: Option<Owed>, is_free: impl Fn(u32) -> bool) -> Option<Owed> {
        let first = first?;
        nearest(self.series, self.anchor, on, &is_free).or_else(|| {
            let after = first_from(self.series, self.anchor, on).map_or(first.number, |o| o.number);
            let around = [after.saturating_sub(1), after, first.number].into_iter();
            let around = around.filter(|n| *n >= first.number && is_free(*n));
            let places = around.filter_map(|n| nth(self.series, self.anchor, n)).filter(|o| is_near(o, on));
            places.min_by_key(|o| o.due_on.duration_until(on).abs())
        })
    }

    /// Of what is not booked at a clinic a later one takes the place; only where none follows the last is told.
    fn fell(&self, stood: Option<&SeriesOnRecord<'_>>, begins: Option<u32>, today: Date) -> Vec<Owed> {
        let passed = owed(self.series, self.anchor)
            .take_while(|o| o.due_on < today && begins.is_none_or(|begins| o.number < begins))
            .filter(|o| self.owes(o.number) && stood.is_none_or(|s| s.still_owes(self.series, o)));
        match (self.series.kind.is_bookable(), begins) {
            (true, _) => passed.collect(),
            (false, Some(_)) => Vec::new(),
            (false, None) => passed.last().into_iter().collect(),
        }
    }
}

/// Whether a follow-up of one series may go on as one of the other.
fn is_same_thing(a: &Series, b: &Series) -> bool {
    (a.kind, &a.checklist, &a.leaflet) == (b.kind, &b.checklist, &b.leaflet)
}

#[cfg(test)]
mod tests {
    use super::super::extra_visit::{extra_series, place};
    use super::super::sample::{any_series, high_risk, phase, series, span};
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    const ANCHOR: Date = date(2026, 1, 30);

    fn at(series: &Series, number: u32) -> Owed {
        nth(series, ANCHOR, number).unwrap()
    }

    fn open(series: &Series, number: u32) -> WrittenFollowUp {
        WrittenFollowUp { owed: at(series, number), booked_on: None }
    }

    /// The series with its `number`th follow-up open.
    fn stood(series: &Series, number: u32) -> SeriesOnRecord<'_> {
        SeriesOnRecord::new(series, ANCHOR, Some(at(series, number)), vec![open(series, number)])
    }

    fn replanned(
        series: &Series,
        anchor: Date,
        stood: &SeriesOnRecord<'_>,
        (done, today): (&[DoneFollowUp], Date),
    ) -> Replanned {
        let window = ReplanWindow { today, until: today.saturating_add(jiff::Span::new().years(2)) };
        replan(AnchoredSeries { series, anchor }, Some(stood), done, window)
    }

    fn dues(owed: &[Owed]) -> Vec<Date> {
        owed.iter().map(|o| o.due_on).collect()
    }

    fn done(due_on: Date, on: Date) -> DoneFollowUp {
        DoneFollowUp { due_on, on, number: None }
    }

    #[test]
    fn what_does_not_change_stays_open_even_when_it_is_overdue() {
        let visits = high_risk();
        let found = replanned(&visits, ANCHOR, &stood(&visits, 1), (&[], date(2026, 5, 20)));
        assert_eq!((found.kept, found.next, found.fell), (vec![(0, at(&visits, 1))], None, vec![]));
    }

    #[test]
    fn what_the_new_anchor_puts_into_the_past_is_told_and_the_next_is_written() {
        let visits = high_risk();
        let found = replanned(&visits, date(2025, 8, 30), &stood(&visits, 1), (&[], date(2026, 3, 10)));
        assert_eq!(dues(&found.fell), [date(2025, 11, 30), date(2026, 2, 28)], "however long ago");
        assert_eq!(found.next.map(|o| (o.number, o.due_on)), Some((3, date(2026, 5, 30))));
        assert!(found.kept.is_empty());
    }

    #[test]
    fn what_was_past_under_the_old_plan_is_not_told_again() {
        let visits = high_risk();
        let found = replanned(&visits, date(2025, 12, 30), &stood(&visits, 3), (&[], date(2026, 9, 1)));
        assert_eq!((dues(&found.fell), found.next.map(|o| o.number)), (vec![], Some(3)));
    }

    #[test]
    fn what_a_task_still_asks_about_is_told_again() {
        let visits = high_risk();
        let asked = stood(&visits, 3).asked_since(Some(2));
        let found = replanned(&visits, date(2025, 12, 30), &asked, (&[], date(2026, 9, 1)));
        assert_eq!(dues(&found.fell), [date(2026, 6, 30)]);
    }

    #[test]
    fn a_denser_grid_tells_what_it_puts_between_the_last_and_today() {
        let mut low = high_risk();
        low.phases = vec![phase("0m", "24m", "6m")];
        let today = date(2026, 11, 10);
        let found = replanned(&high_risk(), ANCHOR, &stood(&low, 2), (&[], today));
        assert_eq!(dues(&found.fell), [date(2026, 10, 30)], "not those before the visit of month 6");
        assert_eq!(
            found.kept.iter().map(|(_, o)| (o.number, o.due_on)).collect::<Vec<_>>(),
            [(4, date(2027, 1, 30))]
        );
    }

    #[test]
    fn a_visit_done_early_is_not_owed_again() {
        let visits = high_risk();
        let early = done(date(2026, 4, 30), date(2026, 4, 10));
        for anchor in [ANCHOR, date(2026, 2, 10)] {
            let found = replanned(&visits, anchor, &stood(&visits, 2), (&[early], date(2026, 4, 12)));
            let owed = found.next.or(found.kept.first().map(|(_, o)| *o));
            assert_eq!(owed.map(|o| o.number), Some(2), "{anchor}");
        }
    }

    #[test]
    fn a_rebased_grid_goes_on_from_the_day_of_the_visit() {
        let visits = Series { rebase: true, ..high_risk() };
        let early = DoneFollowUp { number: Some(1), ..done(date(2026, 4, 30), date(2026, 4, 10)) };
        let next = Owed { due_on: date(2026, 7, 10), ..at(&visits, 2) };
        let stood = SeriesOnRecord::new(
            &visits,
            ANCHOR,
            Some(next),
            vec![WrittenFollowUp { owed: next, booked_on: None }],
        );
        let found = replanned(&visits, ANCHOR, &stood, (&[early], date(2026, 4, 12)));
        assert_eq!(found.kept.iter().map(|(_, o)| o.due_on).collect::<Vec<_>>(), [date(2026, 7, 10)]);
        let until = date(2028, 4, 12);
        assert_eq!(found.changes(&visits, Some((&stood, until))), (vec![], vec![]));
    }

    #[test]
    fn a_booked_day_counts_for_the_window_that_holds_it() {
        let visits = high_risk();
        let booked = WrittenFollowUp { booked_on: Some(date(2026, 4, 28)), ..open(&visits, 1) };
        let stood = SeriesOnRecord::new(&visits, ANCHOR, Some(booked.owed), vec![booked]);
        // Under the new anchor the visit was due on 10 April; the date she has still counts for it.
        let found = replanned(&visits, date(2026, 1, 10), &stood, (&[], date(2026, 4, 15)));
        assert_eq!(
            found.kept.iter().map(|(_, o)| (o.number, o.due_on)).collect::<Vec<_>>(),
            [(1, date(2026, 4, 10))]
        );
        assert_eq!((found.next, found.fell, found.stray), (None, vec![], vec![]));
    }

    #[test]
    fn a_booked_day_far_ahead_leaves_what_is_owed_before_it() {
        let mut low = high_risk();
        low.phases = vec![phase("0m", "24m", "6m")];
        let booked = WrittenFollowUp { booked_on: Some(date(2026, 7, 28)), ..open(&low, 1) };
        let stood = SeriesOnRecord::new(&low, ANCHOR, Some(booked.owed), vec![booked]);
        let found = replanned(&high_risk(), ANCHOR, &stood, (&[], date(2026, 2, 15)));
        assert_eq!(found.kept.iter().map(|(_, o)| o.number).collect::<Vec<_>>(), [2]);
        assert_eq!(found.next.map(|o| o.number), Some(1));
    }

    #[test]
    fn a_booked_day_near_which_nothing_is_due_counts_for_nothing_later() {
        let mut low = high_risk();
        low.phases = vec![phase("0m", "24m", "6m")];
        let booked = WrittenFollowUp { booked_on: Some(date(2026, 5, 4)), ..open(&high_risk(), 1) };
        let visits = high_risk();
        let stood = SeriesOnRecord::new(&visits, ANCHOR, Some(booked.owed), vec![booked]);
        let found = replanned(&low, ANCHOR, &stood, (&[], date(2026, 2, 15)));
        assert_eq!((found.kept, found.stray, found.stays), (vec![], vec![], vec![0]));
        assert_eq!(found.next.map(|o| o.due_on), Some(date(2026, 7, 30)), "July is owed all the same");
    }

    #[test]
    fn a_booked_day_of_a_series_that_became_something_else_is_a_stray() {
        let visits = high_risk();
        let booked = WrittenFollowUp { booked_on: Some(date(2026, 4, 28)), ..open(&visits, 1) };
        let stood = SeriesOnRecord::new(&visits, ANCHOR, Some(booked.owed), vec![booked]);
        let test = Series { kind: FollowUpKind::Test, ..high_risk() };
        let found = replanned(&test, ANCHOR, &stood, (&[], date(2026, 2, 15)));
        assert_eq!((found.kept, found.stray), (vec![], vec![0]));
    }

    #[test]
    fn a_visit_beside_the_plan_stays_as_it_is() {
        let extra = extra_series(&[high_risk()]);
        let on = |number, on: Date| WrittenFollowUp { owed: place(number, on), booked_on: Some(on) };
        let open = vec![on(1, date(2026, 3, 3)), on(4, date(2026, 2, 20))];
        let last = open.last().map(|open| open.owed);
        let stood = SeriesOnRecord::new(&extra, ANCHOR, last, open.clone());
        let found = replanned(&extra, date(2025, 6, 30), &stood, (&[], date(2026, 2, 15)));
        assert_eq!(found.kept, [(0, open[0].owed), (1, open[1].owed)]);
        assert_eq!((&found.stray, found.next, &found.fell), (&vec![], None, &vec![]));
        assert_eq!(found.changes(&extra, Some((&stood, date(2028, 2, 15)))), (vec![], vec![]));
    }

    #[test]
    fn of_checklists_a_later_one_takes_the_place() {
        let monthly = series(FollowUpKind::Checklist, vec![phase("0m", "", "1m")]);
        let found = replanned(&monthly, date(2024, 1, 10), &stood(&monthly, 3), (&[], date(2026, 4, 20)));
        assert_eq!((dues(&found.fell), found.next.map(|o| o.due_on)), (vec![], Some(date(2026, 5, 10))));
    }

    #[test]
    fn a_leaflet_that_will_never_come_is_told_and_one_that_went_out_is_not_sent_twice() {
        let once = Series { at: vec![span("3m")], ..series(FollowUpKind::Leaflet, Vec::new()) };
        let found = replanned(&once, date(2025, 6, 30), &stood(&once, 1), (&[], date(2026, 3, 10)));
        assert_eq!((dues(&found.fell), found.next), (vec![date(2025, 9, 30)], None));
        let sent = DoneFollowUp { number: Some(1), ..done(date(2026, 4, 30), date(2026, 5, 31)) };
        let over = SeriesOnRecord::new(&once, ANCHOR, Some(at(&once, 1)), Vec::new());
        let found = replanned(&once, date(2026, 4, 30), &over, (&[sent], date(2026, 6, 10)));
        assert_eq!((found.fell, found.next), (vec![], None));
    }

    #[test]
    fn what_falls_into_the_past_shows_the_day_it_had() {
        let visits = high_risk();
        let (old, today) = (stood(&visits, 1), date(2026, 4, 1));
        let found = replanned(&visits, date(2025, 12, 30), &old, (&[], today));
        let (ahead, past) = found.changes(&visits, Some((&old, date(2028, 4, 1))));
        assert_eq!(past[0].was().map(|o| o.due_on), Some(date(2026, 4, 30)));
        assert_eq!(past[0].is().map(|o| o.due_on), Some(date(2026, 3, 30)));
        assert!(matches!(ahead[0], FollowUpChange::Moved { .. }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Whatever moves: nothing that was open and owed vanishes, nothing is owed and past at once, and planning the
        /// same plan again changes nothing.
        #[test]
        fn nothing_vanishes(series in any_series(), number in 1_u32..9, shift in -900_i64..900, day in 0_i64..900) {
            let Some(now) = nth(&series, ANCHOR, number) else { return Ok(()) };
            let today = ANCHOR.saturating_add(jiff::Span::new().days(day));
            let old = SeriesOnRecord::new(&series, ANCHOR, Some(now), vec![WrittenFollowUp { owed: now, booked_on: None }]);
            let anchor = ANCHOR.saturating_add(jiff::Span::new().days(shift));
            let found = replanned(&series, anchor, &old, (&[], today));
            let written = found.kept.iter().map(|(_, o)| *o).chain(found.next).min_by_key(|o| o.number);
            prop_assert!(written.is_none_or(|w| found.fell.iter().all(|f| f.number < w.number)));
            prop_assert!(found.fell.iter().all(|f| f.due_on < today));
            let is = nth(&series, anchor, number);
            let is_told = is.is_none_or(|is| found.fell.contains(&is));
            let comes = is.is_some_and(|is| written.is_some_and(|w| w.number <= is.number));
            prop_assert!(is_told || comes || !series.kind.is_bookable());
            // As long as none before it lies ahead, which no plan leaves behind.
            let until = today.saturating_add(jiff::Span::new().years(2));
            if first_from(&series, ANCHOR, today).is_none_or(|first| first.number >= number) {
                let same = replanned(&series, ANCHOR, &old, (&[], today));
                prop_assert_eq!(same.changes(&series, Some((&old, until))), (vec![], vec![]));
            }
        }
    }
}
