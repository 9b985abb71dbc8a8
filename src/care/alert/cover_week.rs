//! Who on the ladder is on duty when, over the days to come: stretches in which the same people are, gaps among them.

use jiff::civil::Time;
use jiff::{Timestamp, ToSpan};

use crate::care::alert::escalation::Ladder;

/// A stretch of time in which the same rungs are on duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverSpan {
    /// The first instant that belongs to it.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// Indices of the rungs on duty, in the order in which they are told; none of them is a gap.
    pub rungs: Vec<usize>,
}

impl Ladder {
    /// Who is on duty from one instant until another, without a break and without an overlap.
    #[must_use]
    pub fn cover(&self, from: Timestamp, until: Timestamp) -> Vec<CoverSpan> {
        let mut spans: Vec<CoverSpan> = Vec::new();
        let edges = self.edges(from, until);
        for (index, edge) in edges.iter().enumerate() {
            let end = edges.get(index + 1).copied().unwrap_or(until);
            let on_duty = |rung: &usize| self.is_on_duty(&self.rungs[*rung], *edge);
            let rungs: Vec<usize> = (0..self.rungs.len()).filter(on_duty).collect();
            match spans.last_mut().filter(|last| last.rungs == rungs) {
                Some(last) => last.until = end,
                None => spans.push(CoverSpan { from: *edge, until: end, rungs }),
            }
        }
        spans
    }

    /// Every instant at which somebody may come on duty or go off, in order, the first among them.
    fn edges(&self, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let shifts = self.rungs.iter().filter_map(|rung| rung.hours.shift);
        let times: Vec<Time> =
            shifts.flat_map(|(begin, end)| [begin, end]).chain([Time::midnight()]).collect();
        let mut edges = vec![from];
        let first = from.to_zoned(self.zone.clone()).date();
        let last = until.to_zoned(self.zone.clone()).date();
        for date in first.series(1.day()).take_while(|date| *date <= last) {
            let at = |time: &Time| date.to_datetime(*time).to_zoned(self.zone.clone()).ok();
            edges.extend(times.iter().filter_map(at).map(|at| at.timestamp()));
        }
        edges.retain(|edge| *edge >= from && *edge < until);
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use jiff::SignedDuration;
    use jiff::civil::{Weekday, date, time};
    use jiff::tz::TimeZone;

    use super::*;
    use crate::care::alert::duty::Hours;
    use crate::care::alert::escalation::{PatientLetter, Rung};

    fn ladder(shifts: &[(Time, Time)]) -> Ladder {
        let weekdays =
            vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let rung = |shift: &(Time, Time)| Rung {
            hours: Hours { shift: Some(*shift), weekdays: Some(weekdays.clone()) },
            ..Rung::default()
        };
        Ladder {
            rungs: shifts.iter().map(rung).collect(),
            repeat_every: Duration::from_secs(900),
            patient_letter: PatientLetter::Off,
            zone: TimeZone::get("Europe/Madrid").unwrap(),
            holidays: BTreeSet::from([date(2026, 11, 24)]),
        }
    }

    fn told(ladder: &Ladder, from: &str, until: &str) -> Vec<String> {
        let local = |at: Timestamp| at.to_zoned(ladder.zone.clone()).strftime("%a %H:%M").to_string();
        let spans = ladder.cover(from.parse().unwrap(), until.parse().unwrap());
        spans.iter().map(|s| format!("{}-{} {:?}", local(s.from), local(s.until), s.rungs)).collect()
    }

    #[test]
    fn a_week_shows_who_is_there_where_they_overlap_and_where_nobody_is() {
        let two = ladder(&[(time(8, 0, 0, 0), time(16, 0, 0, 0)), (time(15, 30, 0, 0), time(7, 50, 0, 0))]);
        assert_eq!(
            told(&two, "2026-11-23T09:00:00Z", "2026-11-25T09:00:00Z"),
            [
                "Mon 10:00-Mon 15:30 [0]",
                "Mon 15:30-Mon 16:00 [0, 1]",
                "Mon 16:00-Tue 07:50 [1]",
                // A holiday: shifts tied to weekdays do not begin.
                "Tue 07:50-Wed 08:00 []",
                "Wed 08:00-Wed 10:00 [0]",
            ]
        );
    }

    #[test]
    fn what_is_shown_is_what_the_ladder_does() {
        let two = ladder(&[(time(8, 0, 0, 0), time(16, 0, 0, 0)), (time(15, 30, 0, 0), time(7, 50, 0, 0))]);
        // Over the end of summer time, and a whole week.
        let (from, until) =
            ("2026-10-22T00:13:00Z".parse().unwrap(), "2026-10-29T00:13:00Z".parse().unwrap());
        let spans = two.cover(from, until);
        assert_eq!((spans[0].from, spans[spans.len() - 1].until), (from, until));
        let mut at: Timestamp = from;
        while at < until {
            let span = spans.iter().find(|span| span.from <= at && at < span.until).unwrap();
            let there: Vec<usize> = (0..2).filter(|rung| two.is_on_duty(&two.rungs[*rung], at)).collect();
            assert_eq!(span.rungs, there, "{at}");
            at += SignedDuration::from_mins(7);
        }
    }

    #[test]
    fn a_ladder_without_anybody_is_one_gap() {
        assert_eq!(
            told(&ladder(&[]), "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z"),
            ["Mon 10:00-Tue 10:00 []"]
        );
    }
}
