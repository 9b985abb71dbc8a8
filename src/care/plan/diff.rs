//! What another anchor, protocol or version changes, follow-up by follow-up and word by word, to be
//! shown before it is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::protocol::{Protocol, Series};
use crate::care::plan::schedule::Owed;

/// What becomes of one follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpChange {
    /// Owed on the same day as before.
    Kept(Owed),
    /// Owed on another day.
    Moved {
        /// Its place before the change.
        was: Owed,
        /// Its place after the change.
        is: Owed,
    },
    /// Owed now, and not before.
    Added(Owed),
    /// Owed before, and not now.
    Dropped(Owed),
}

impl FollowUpChange {
    /// As it was; `None` when it is new.
    #[must_use]
    pub const fn was(&self) -> Option<Owed> {
        match self {
            Self::Kept(o) | Self::Dropped(o) => Some(*o),
            Self::Moved { was, .. } => Some(*was),
            Self::Added(_) => None,
        }
    }

    /// As it would be; `None` when it is dropped.
    #[must_use]
    pub const fn is(&self) -> Option<Owed> {
        match self {
            Self::Kept(o) | Self::Added(o) => Some(*o),
            Self::Moved { is, .. } => Some(*is),
            Self::Dropped(_) => None,
        }
    }

    fn first_on(&self) -> Date {
        match self {
            Self::Kept(o) | Self::Added(o) | Self::Dropped(o) => o.due_on,
            Self::Moved { was, is } => was.due_on.min(is.due_on),
        }
    }
}

/// Whether two series count their follow-ups alike, so that a number means the same visit in both.
#[must_use]
pub fn same_grid(a: &Series, b: &Series) -> bool {
    a.phases == b.phases && a.at == b.at
}

/// Pairs two lists of follow-ups of one series, in order of date: those due on the same day, then by number.
#[must_use]
pub fn diff(was: &[Owed], is: &[Owed]) -> Vec<FollowUpChange> {
    let (olds, days) = (by_day(was), by_day(is));
    let moved = is.iter().filter(|o| !olds.contains_key(&o.due_on));
    let news: BTreeMap<u32, Owed> = moved.map(|o| (o.number, *o)).collect();
    pair(was, is, |o| days.get(&o.due_on).or_else(|| news.get(&o.number)).copied())
}

/// Pairs by date alone: for grids that differ, where a number means another visit.
#[must_use]
pub fn diff_by_date(was: &[Owed], is: &[Owed]) -> Vec<FollowUpChange> {
    let news = by_day(is);
    pair(was, is, |o| news.get(&o.due_on).copied())
}

fn by_day(owed: &[Owed]) -> BTreeMap<Date, Owed> {
    owed.iter().map(|o| (o.due_on, *o)).collect()
}

fn pair(was: &[Owed], is: &[Owed], partner: impl Fn(&Owed) -> Option<Owed>) -> Vec<FollowUpChange> {
    let mut taken = BTreeSet::new();
    let mut changes: Vec<FollowUpChange> = was
        .iter()
        .map(|old| match partner(old) {
            None => FollowUpChange::Dropped(*old),
            Some(new) => {
                taken.insert(new.number);
                if new.due_on == old.due_on {
                    FollowUpChange::Kept(new)
                } else {
                    FollowUpChange::Moved { was: *old, is: new }
                }
            }
        })
        .collect();
    changes
        .extend(is.iter().filter(|new| !taken.contains(&new.number)).map(|new| FollowUpChange::Added(*new)));
    changes.sort_by_key(FollowUpChange::first_on);
    changes
}

/// What changes beside the dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reworded {
    /// The series; `None` when the protocol itself is meant.
    pub series: Option<String>,
    /// The keys of the protocol file that differ.
    pub parts: Vec<&'static str>,
}

/// Everything but the dates that differs between two protocols: the protocol's own keys, then those
/// of each series that both have.
#[must_use]
pub fn reworded(was: &Protocol, is: &Protocol) -> Vec<Reworded> {
    let own = [
        ("title", was.title != is.title),
        ("source", was.source != is.source),
        ("anchor", was.anchor != is.anchor),
        ("verified", was.verified != is.verified),
    ];
    let own = Reworded { series: None, parts: differing(&own) };
    let series = was.series.iter().filter_map(|old| {
        Some(Reworded { series: Some(old.id.clone()), parts: parts(old, is.series(&old.id)?) })
    });
    std::iter::once(own).chain(series).filter(|r| !r.parts.is_empty()).collect()
}

fn parts(was: &Series, is: &Series) -> Vec<&'static str> {
    differing(&[
        ("kind", was.kind != is.kind),
        ("checklist", was.checklist != is.checklist),
        ("leaflet", was.leaflet != is.leaflet),
        ("title", was.title != is.title),
        ("prepare", was.prepare != is.prepare),
        ("window", (was.window_before, was.window_after) != (is.window_before, is.window_after)),
        ("rebase", was.rebase != is.rebase),
        ("on_unknown", was.on_unknown != is.on_unknown),
        ("remind", was.remind != is.remind),
        ("booked", was.booked != is.booked),
        ("missed", was.missed != is.missed),
    ])
}

fn differing(parts: &[(&'static str, bool)]) -> Vec<&'static str> {
    parts.iter().filter_map(|(name, differs)| differs.then_some(*name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{high_risk, phase, protocol, step};
    use super::*;
    use crate::care::plan::schedule::nth;
    use jiff::civil::date;

    fn owed(series: &Series, anchor: Date, numbers: std::ops::RangeInclusive<u32>) -> Vec<Owed> {
        numbers.filter_map(|n| nth(series, anchor, n)).collect()
    }

    fn words(changes: &[FollowUpChange]) -> Vec<&'static str> {
        let word = |change: &FollowUpChange| match change {
            FollowUpChange::Kept(_) => "kept",
            FollowUpChange::Moved { .. } => "moved",
            FollowUpChange::Added(_) => "added",
            FollowUpChange::Dropped(_) => "dropped",
        };
        changes.iter().map(word).collect()
    }

    #[test]
    fn on_one_grid_a_number_meets_its_number() {
        let visits = high_risk();
        let was = owed(&visits, date(2026, 1, 15), 1..=4);
        assert_eq!(words(&diff(&was, &was)), ["kept"; 4]);
        let is = owed(&visits, date(2025, 12, 20), 2..=5);
        assert_eq!(words(&diff(&was, &is)), ["dropped", "moved", "moved", "moved", "added"]);
    }

    #[test]
    fn what_falls_on_the_same_day_is_kept_whatever_its_number() {
        let visits = high_risk();
        let was = owed(&visits, date(2026, 1, 15), 1..=4);
        let is = owed(&visits, date(2025, 10, 15), 1..=5);
        assert_eq!(words(&diff(&was, &is)), ["added", "kept", "kept", "kept", "kept"]);
    }

    #[test]
    fn on_another_grid_a_day_meets_its_day() {
        let mut low = high_risk();
        low.phases = vec![phase("0m", "24m", "6m")];
        let anchor = date(2026, 1, 15);
        let (sparse, dense) = (owed(&low, anchor, 1..=2), owed(&high_risk(), anchor, 1..=4));
        assert_eq!(words(&diff_by_date(&sparse, &dense)), ["added", "kept", "added", "kept"]);
        assert_eq!(words(&diff_by_date(&dense, &sparse)), ["dropped", "kept", "dropped", "kept"]);
    }

    #[test]
    fn words_steps_and_the_signature_are_told_by_their_keys() {
        let was = protocol(vec![high_risk()]);
        let mut is = was.clone();
        assert_eq!(reworded(&was, &is), []);
        is.verified = true;
        is.series[0].prepare.insert("en".to_owned(), "Bring a list of your pills.".to_owned());
        is.series[0].remind.push(step("staff-task-ring", "3d"));
        let told = reworded(&was, &is);
        assert_eq!((told[0].series.as_deref(), &told[0].parts[..]), (None, &["verified"][..]));
        assert_eq!(
            (told[1].series.as_deref(), &told[1].parts[..]),
            (Some("sample"), &["prepare", "remind"][..])
        );
    }

    #[test]
    fn a_series_that_ends_or_begins_is_told_by_its_dates_alone() {
        let mut other = high_risk();
        other.id = "other".to_owned();
        assert_eq!(reworded(&protocol(vec![high_risk()]), &protocol(vec![other])), []);
    }
}
