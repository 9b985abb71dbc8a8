//! What a new anchor or protocol would change, shown before it is applied.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::plan::{Owed, first_from, nth};
use super::protocol::{Protocol, Series};

/// What becomes of one follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Owed on the same day as before.
    Kept(Owed),
    /// Owed on another day.
    Moved {
        /// As it was.
        was: Owed,
        /// As it would be.
        is: Owed,
    },
    /// Newly owed.
    Added(Owed),
    /// No longer owed.
    Dropped(Owed),
}

impl Change {
    /// The word in JSON and on pages.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Kept(_) => "kept",
            Self::Moved { .. } => "moved",
            Self::Added(_) => "added",
            Self::Dropped(_) => "dropped",
        }
    }

    /// Whether it would put something still ahead on `today` into the past: a person must decide, no letter may go.
    #[must_use]
    pub fn falls_into_the_past(&self, today: Date) -> bool {
        match self {
            Self::Kept(_) | Self::Dropped(_) => false,
            Self::Moved { was, is } => was.due_on >= today && is.due_on < today,
            Self::Added(is) => is.due_on < today,
        }
    }

    fn first_on(&self) -> Date {
        match self {
            Self::Kept(o) | Self::Added(o) | Self::Dropped(o) => o.due_on,
            Self::Moved { was, is } => was.due_on.min(is.due_on),
        }
    }
}

/// Pairs two lists of follow-ups of one series by number, in order of date.
#[must_use]
pub fn diff(was: &[Owed], is: &[Owed]) -> Vec<Change> {
    let news: BTreeMap<u32, Owed> = is.iter().map(|o| (o.number, *o)).collect();
    pair(was, is, |o| news.get(&o.number).copied())
}

/// Pairs by date: for grids that differ, where a number means another visit.
#[must_use]
pub fn diff_by_date(was: &[Owed], is: &[Owed]) -> Vec<Change> {
    let news: BTreeMap<Date, Owed> = is.iter().map(|o| (o.due_on, *o)).collect();
    pair(was, is, |o| news.get(&o.due_on).copied())
}

fn pair(was: &[Owed], is: &[Owed], partner: impl Fn(&Owed) -> Option<Owed>) -> Vec<Change> {
    let mut taken = std::collections::BTreeSet::new();
    let mut changes: Vec<Change> = was
        .iter()
        .map(|old| match partner(old) {
            None => Change::Dropped(*old),
            Some(new) => {
                taken.insert(new.number);
                if new.due_on == old.due_on {
                    Change::Kept(new)
                } else {
                    Change::Moved { was: *old, is: new }
                }
            }
        })
        .collect();
    changes.extend(is.iter().filter(|new| !taken.contains(&new.number)).map(|new| Change::Added(*new)));
    changes.sort_by_key(Change::first_on);
    changes
}

/// Every change of every series between two plans, for what is due within `over` before or after the change.
/// Series pair by name; the same grid pairs by number, another grid by date.
#[must_use]
pub fn compare<'p>(
    was: (&'p Protocol, Date),
    is: (&'p Protocol, Date),
    over: &RangeInclusive<Date>,
) -> Vec<(&'p str, Change)> {
    let mut changes = Vec::new();
    for old in &was.0.series {
        let of_series = match is.0.series(&old.id) {
            Some(new) if same_grid(old, new) => moved((old, was.1), (new, is.1), over),
            Some(new) => diff_by_date(&within((old, was.1), over), &within((new, is.1), over)),
            None => diff(&within((old, was.1), over), &[]),
        };
        changes.extend(of_series.into_iter().map(|c| (old.id.as_str(), c)));
    }
    let fresh = is.0.series.iter().filter(|new| was.0.series(&new.id).is_none());
    for new in fresh {
        changes.extend(within((new, is.1), over).into_iter().map(|o| (new.id.as_str(), Change::Added(o))));
    }
    changes
}

fn same_grid(a: &Series, b: &Series) -> bool {
    a.phases == b.phases && a.at == b.at
}

fn within((series, anchor): (&Series, Date), over: &RangeInclusive<Date>) -> Vec<Owed> {
    let Some(first) = first_from(series, anchor, *over.start()) else { return Vec::new() };
    let from_first = (first.number..).map_while(|number| nth(series, anchor, number));
    from_first.take_while(|o| o.due_on <= *over.end()).collect()
}

fn moved(was: (&Series, Date), is: (&Series, Date), over: &RangeInclusive<Date>) -> Vec<Change> {
    let numbers: std::collections::BTreeSet<u32> =
        within(was, over).iter().chain(&within(is, over)).map(|o| o.number).collect();
    let of = |(series, anchor): (&Series, Date)| -> Vec<Owed> {
        numbers.iter().filter_map(|number| nth(series, anchor, *number)).collect()
    };
    diff(&of(was), &of(is))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{high_risk, phase};
    use super::*;
    use jiff::civil::date;

    fn protocol(series: Vec<Series>) -> Protocol {
        Protocol {
            id: "sample".to_owned(),
            version: "0".repeat(12),
            title: "Sample".to_owned(),
            source: "Sample".to_owned(),
            anchor: "end-of-treatment".to_owned(),
            verified: false,
            add_on: false,
            series,
        }
    }

    fn words(changes: &[(&str, Change)]) -> Vec<&'static str> {
        changes.iter().map(|(_, change)| change.word()).collect()
    }

    #[test]
    fn a_corrected_anchor_moves_every_follow_up_and_shows_what_falls_into_the_past() {
        let plan = protocol(vec![high_risk()]);
        let today = date(2026, 4, 1);
        let over = today..=date(2026, 12, 31);
        let changes = compare((&plan, date(2026, 1, 15)), (&plan, date(2025, 12, 20)), &over);
        assert_eq!(words(&changes), ["moved"; 4]);
        let past: Vec<bool> = changes.iter().map(|(_, c)| c.falls_into_the_past(today)).collect();
        assert_eq!(past, [true, false, false, false]);
    }

    #[test]
    fn the_same_plan_keeps_everything() {
        let plan = protocol(vec![high_risk()]);
        let over = date(2026, 1, 1)..=date(2027, 1, 15);
        let changes = compare((&plan, date(2026, 1, 15)), (&plan, date(2026, 1, 15)), &over);
        assert_eq!(words(&changes), ["kept"; 4]);
    }

    #[test]
    fn a_denser_grid_keeps_what_falls_on_the_same_day_and_adds_the_rest() {
        let mut low = high_risk();
        low.phases = vec![phase("0m", "24m", "6m")];
        let over = date(2026, 1, 1)..=date(2027, 1, 15);
        let anchor = date(2026, 1, 15);
        let (sparse, dense) = (protocol(vec![low]), protocol(vec![high_risk()]));
        assert_eq!(
            words(&compare((&sparse, anchor), (&dense, anchor), &over)),
            ["added", "kept", "added", "kept"]
        );
        assert_eq!(
            words(&compare((&dense, anchor), (&sparse, anchor), &over)),
            ["dropped", "kept", "dropped", "kept"]
        );
    }

    #[test]
    fn a_series_that_ends_is_dropped_and_a_new_one_added() {
        let mut other = high_risk();
        other.id = "other".to_owned();
        let over = date(2026, 1, 1)..=date(2026, 7, 15);
        let anchor = date(2026, 1, 15);
        let (was, is) = (protocol(vec![high_risk()]), protocol(vec![other]));
        let changes = compare((&was, anchor), (&is, anchor), &over);
        assert_eq!(words(&changes), ["dropped", "dropped", "added", "added"]);
    }
}
