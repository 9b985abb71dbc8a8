//! The due dates of one series from one anchor, with seeks that cost the number of phases, not of years.

use jiff::civil::Date;

use super::protocol::{Phase, Series};
use crate::care::time::calendar::{CalendarOffset, Span, shifted};

/// A phase counted from an anchor: the items `first ..` of `start + n × step`, `count` of them.
#[derive(Debug, Clone, Copy)]
struct RecurrencePart {
    anchor: Date,
    start: CalendarOffset,
    step: CalendarOffset,
    first: u32,
    count: u32,
}

/// All due dates of a series: the stretches in order, and the single dates that lie on none of them.
#[derive(Debug, Clone)]
pub(in crate::care) struct Recurrence {
    stretches: Vec<RecurrencePart>,
    singles: Vec<Date>,
}

impl RecurrencePart {
    /// The stretch of `phase` whose dates all lie after `floor`.
    fn new(phase: &Phase, anchor: Date, floor: Date) -> Self {
        let (start, step) = (phase.after.offset(), phase.every.offset());
        let mut stretch = Self { anchor, start, step, first: 1, count: 0 };
        let last = stretch.last_by(until(phase, anchor));
        stretch.first = stretch.last_by(floor).saturating_add(1);
        stretch.count = (last.saturating_add(1)).saturating_sub(stretch.first);
        stretch
    }

    /// The date of the `n`th step, counted from the anchor itself.
    fn date(&self, n: u32) -> Option<Date> {
        shifted(self.anchor, self.start.plus(i64::from(n), self.step))
    }

    /// The largest `n` whose date is on or before `limit`; 0 when there is none.
    fn last_by(&self, limit: Date) -> u32 {
        let steps = match self.step {
            CalendarOffset { months, days: 0 } if months > 0 => {
                let limit =
                    shifted(limit, CalendarOffset { months: 0, days: -self.start.days }).unwrap_or(limit);
                (whole_months(self.anchor, limit) - self.start.months).div_euclid(months)
            }
            CalendarOffset { months: 0, days } if days > 0 => {
                let start = shifted(self.anchor, self.start).unwrap_or(Date::MAX);
                days_between(start, limit).div_euclid(days)
            }
            _ => 0,
        };
        u32::try_from(steps.max(0)).unwrap_or(u32::MAX)
    }

    /// How many of its items lie on or before `limit`.
    fn rank(&self, limit: Date) -> u32 {
        self.last_by(limit).saturating_add(1).saturating_sub(self.first).min(self.count)
    }
}

fn until(phase: &Phase, anchor: Date) -> Date {
    phase.until.map_or(Date::MAX, |until| until.from(anchor))
}

/// The largest number of months after which the clamped date is not past `limit`.
fn whole_months(anchor: Date, limit: Date) -> i64 {
    let months = (i64::from(limit.year()) - i64::from(anchor.year())) * 12 + i64::from(limit.month())
        - i64::from(anchor.month());
    let reached = limit.day() >= anchor.day().min(limit.days_in_month());
    if reached { months } else { months - 1 }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

impl Recurrence {
    pub(in crate::care) fn new(series: &Series, anchor: Date) -> Self {
        let mut floor = Date::MIN;
        let mut grid = Self { stretches: Vec::with_capacity(series.phases.len()), singles: Vec::new() };
        for phase in &series.phases {
            floor = floor.max(phase.after.from(anchor));
            grid.stretches.push(RecurrencePart::new(phase, anchor, floor));
            floor = floor.max(until(phase, anchor));
        }
        let mut singles: Vec<Date> = series.at.iter().map(|at: &Span| at.from(anchor)).collect();
        singles.sort_unstable();
        singles.dedup();
        singles.retain(|date| !grid.holds(*date));
        grid.singles = singles;
        grid
    }

    /// How far in months and days the grid puts the `number`th date from the anchor; `None` for a single date.
    pub(in crate::care) fn offset(&self, number: u32) -> Option<CalendarOffset> {
        let due = self.nth(number).filter(|due| !self.singles.contains(due))?;
        let mut left = self.on_stretches(due).checked_sub(1)?;
        let part = self.stretches.iter().find(|stretch| {
            let here = left < stretch.count;
            left -= if here { 0 } else { stretch.count };
            here
        })?;
        let n = i64::from(part.first) + i64::from(left);
        Some(part.start.plus(n, part.step))
    }

    /// The `number`th date, from 1.
    pub(in crate::care) fn nth(&self, number: u32) -> Option<Date> {
        let mut before = 0;
        for single in &self.singles {
            let rank = self.on_stretches(*single).saturating_add(before).saturating_add(1);
            if rank == number {
                return Some(*single);
            }
            if rank > number {
                break;
            }
            before += 1;
        }
        self.nth_on_stretches(number.checked_sub(before)?)
    }

    /// How many dates lie on or before `limit`.
    pub(in crate::care) fn rank(&self, limit: Date) -> u32 {
        let singles = self.singles.partition_point(|date| *date <= limit);
        self.on_stretches(limit).saturating_add(u32::try_from(singles).unwrap_or(u32::MAX))
    }

    fn nth_on_stretches(&self, number: u32) -> Option<Date> {
        let mut left = number.checked_sub(1)?;
        for stretch in &self.stretches {
            if left < stretch.count {
                return stretch.date(stretch.first.checked_add(left)?);
            }
            left -= stretch.count;
        }
        None
    }

    fn on_stretches(&self, limit: Date) -> u32 {
        self.stretches.iter().map(|s| s.rank(limit)).fold(0, u32::saturating_add)
    }

    fn holds(&self, date: Date) -> bool {
        date.yesterday().is_ok_and(|eve| self.on_stretches(date) > self.on_stretches(eve))
    }
}
