//! How many letters of the plan leave on a day as a rule, and what is far from it. A day is compared with the same weekday of the
//! weeks before by median and median absolute deviation, which one odd day does not move. What raises a day with good reason (patients
//! taken in, a schedule that moved them, days on which nothing could leave) raises what is taken for usual.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::time::calendar::OpenDays;

/// So many weeks are looked back.
pub const WEEKS: i32 = 8;
/// With fewer open days of that weekday nothing is normal yet: the first weeks of a clinic.
const LEAST_WEEKS: usize = 4;
/// No day with so few letters is unusual: a person looks through as many within the hour.
const FLOOR: u32 = 50;
/// So many letters leave before a person is asked.
pub const SAMPLE: u32 = 10;
/// So many times the median is unusual, whatever the deviation.
const TIMES: u32 = 3;
/// So many median absolute deviations are unusual; 9 are about six standard deviations.
const DEVIATIONS: u32 = 9;
/// A weekday with fewer letters as a rule has no silent day: chance alone makes one.
const LEAST_NORMAL: u32 = 5;
/// After so many days without letters no further one is made up for.
const MOST_DAYS: u32 = 14;

/// What becomes of a day with far more letters of the plan than usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusualVolume {
    /// A sample leaves, the rest waits until a person agrees.
    Waits,
    /// They leave as on any day.
    Leaves,
}

/// What leaves on a weekday as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NormalVolume {
    /// The median of that weekday.
    pub median: u32,
    /// The median absolute deviation from it.
    deviation: u32,
    /// The fewest of any such day.
    lowest: u32,
    /// The most of any day in those weeks.
    busiest: u32,
    /// Open days right before it on which nothing left: their letters may leave with its own.
    silent_before: u32,
}

/// What raises a day with good reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VolumeRise {
    /// Patients taken in, or moved by a published schedule, of late: each may have a letter more.
    pub newcomers: u32,
    /// Letters that a person has agreed to, and that have not left yet.
    pub agreed: u32,
}

impl NormalVolume {
    /// What is normal on that day, by how many letters left on each day before it. `None` where that cannot be told: a closed
    /// day, a clinic in its first weeks.
    #[must_use]
    pub fn on(day: Date, left: &BTreeMap<Date, u32>, open: &OpenDays) -> Option<Self> {
        let first = *left.keys().next()?;
        let of = |day: &Date| left.get(day).copied().unwrap_or(0);
        let before = (1..=WEEKS).filter_map(|weeks| day.checked_sub(weeks.weeks()).ok());
        let same: Vec<u32> =
            before.filter(|day| *day >= first && open.is_open(*day)).map(|day| of(&day)).collect();
        if same.len() < LEAST_WEEKS || !open.is_open(day) {
            return None;
        }
        let centre = median(same.clone());
        let back = std::iter::successors(day.yesterday().ok(), |day| day.yesterday().ok());
        let silent = back.take_while(|day| *day >= first && of(day) == 0).filter(|day| open.is_open(*day));
        Some(Self {
            median: centre,
            deviation: median(same.iter().map(|count| count.abs_diff(centre)).collect()),
            lowest: same.iter().copied().min().unwrap_or(0),
            busiest: left.range(..day).map(|(_, count)| *count).max().unwrap_or(0),
            silent_before: u32::try_from(silent.count()).unwrap_or(MOST_DAYS).min(MOST_DAYS),
        })
    }

    /// The most letters that are not unusual on that day.
    #[must_use]
    pub fn most(&self, rise: VolumeRise) -> u32 {
        let days = self.silent_before + 1;
        let usual = self.median.saturating_mul(days);
        let spread = self.deviation.saturating_mul(DEVIATIONS).saturating_mul(days);
        let busy = self.busiest.saturating_add(self.busiest / 2);
        let most = usual.saturating_mul(TIMES).max(usual.saturating_add(spread)).max(busy).max(FLOOR);
        most.saturating_add(rise.newcomers).saturating_add(rise.agreed)
    }

    /// Whether so few that left are far from normal: less than a quarter of the median and of half the lowest day.
    #[must_use]
    pub fn is_few(&self, left: u32) -> bool {
        self.median >= LEAST_NORMAL
            && left.saturating_mul(4) < self.median
            && left.saturating_mul(2) < self.lowest
    }
}

/// The middle of the counts; of an even number of them the lower of the two.
fn median(mut counts: Vec<u32>) -> u32 {
    counts.sort_unstable();
    counts.get(counts.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;

    use super::*;

    fn week() -> OpenDays {
        OpenDays {
            weekdays: Weekday::Monday.cycle_forward().take(5).collect(),
            holidays: [date(2026, 3, 3)].into(),
        }
    }

    /// A clinic that has been at work for so many weeks, with so many letters on each open day.
    fn history(day: Date, weeks: i32, mut count: impl FnMut(Date) -> u32) -> BTreeMap<Date, u32> {
        let open = week();
        let first = day - weeks.weeks();
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|one| *one < day);
        days.filter(|day| open.is_open(*day)).map(|day| (day, count(day))).collect()
    }

    const MONDAY: Date = date(2026, 3, 30);

    #[test]
    fn the_first_weeks_and_closed_days_have_no_normal() {
        assert_eq!(NormalVolume::on(MONDAY, &BTreeMap::new(), &week()), None);
        assert_eq!(NormalVolume::on(MONDAY, &history(MONDAY, 3, |_| 20), &week()), None);
        let sunday = date(2026, 3, 29);
        assert_eq!(NormalVolume::on(sunday, &history(sunday, 8, |_| 20), &week()), None);
        assert!(NormalVolume::on(MONDAY, &history(MONDAY, 4, |_| 20), &week()).is_some());
    }

    #[test]
    fn a_blast_is_seen_and_a_busy_day_is_not() {
        let normal = NormalVolume::on(MONDAY, &history(MONDAY, 8, |_| 40), &week()).unwrap();
        assert_eq!((normal.median, normal.most(VolumeRise::default())), (40, 120));
        let rise = VolumeRise { newcomers: 300, agreed: 0 };
        assert_eq!(normal.most(rise), 420, "an import raises it");
        let small = NormalVolume::on(MONDAY, &history(MONDAY, 8, |_| 2), &week()).unwrap();
        assert_eq!(small.most(VolumeRise::default()), FLOOR);
    }

    #[test]
    fn one_odd_day_moves_nothing_but_is_precedent() {
        let odd = date(2026, 3, 9);
        let counts = history(MONDAY, 8, |day| if day == odd { 400 } else { 40 });
        let normal = NormalVolume::on(MONDAY, &counts, &week()).unwrap();
        assert_eq!((normal.median, normal.most(VolumeRise::default())), (40, 600));
    }

    #[test]
    fn what_could_not_leave_for_days_leaves_with_todays() {
        let quiet = date(2026, 3, 24);
        let counts = history(MONDAY, 8, |day| if day >= quiet { 0 } else { 40 });
        let normal = NormalVolume::on(MONDAY, &counts, &week()).unwrap();
        // Four days of 40 and today's own.
        assert!(normal.most(VolumeRise::default()) >= 3 * 5 * 40);
    }

    #[test]
    fn a_silent_day_is_seen_where_letters_are_the_rule() {
        let normal = |count: u32| NormalVolume::on(MONDAY, &history(MONDAY, 8, |_| count), &week()).unwrap();
        assert!(normal(40).is_few(0) && normal(40).is_few(9));
        assert!(!normal(40).is_few(10) && !normal(4).is_few(0));
        // A holiday is no sample, so it lowers nothing.
        let tuesday = date(2026, 3, 31);
        let counts = history(tuesday, 8, |_| 40);
        assert!(!counts.contains_key(&date(2026, 3, 3)));
        assert!(NormalVolume::on(tuesday, &counts, &week()).unwrap().is_few(0));
    }

    proptest! {
        #[test]
        fn no_day_like_one_of_those_before_is_unusual(counts in proptest::collection::vec(0u32..5_000, 60)) {
            let mut next = counts.iter().copied().cycle();
            let history = history(MONDAY, 8, |_| next.next().unwrap());
            let normal = NormalVolume::on(MONDAY, &history, &week()).unwrap();
            for (day, count) in &history {
                prop_assert!(*count <= normal.most(VolumeRise::default()), "{day}: {count}");
                let same = day.weekday() == MONDAY.weekday();
                prop_assert!(!same || !normal.is_few(*count), "{day}: {count}");
            }
        }

        #[test]
        fn ten_times_the_busiest_day_is_always_unusual_and_good_reasons_only_raise(
            counts in proptest::collection::vec(10u32..1_000, 60), newcomers in 0u32..10_000,
        ) {
            let mut next = counts.iter().copied().cycle();
            let history = history(MONDAY, 8, |_| next.next().unwrap());
            let normal = NormalVolume::on(MONDAY, &history, &week()).unwrap();
            let (bare, busiest) = (normal.most(VolumeRise::default()), history.values().max().unwrap());
            prop_assert!(busiest * 10 > bare);
            prop_assert_eq!(normal.most(VolumeRise { newcomers, agreed: 7 }), bare + newcomers + 7);
        }
    }
}
