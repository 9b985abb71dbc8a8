//! Whom an open alert rings, and when. A pure question: given how far it got, what is the next notice?
//!
//! Every rung is told in turn, never skipped. Emergency and urgent alerts disregard duty hours; if nobody told so far is
//! on duty, the next rung is told at once. A soon alert waits for duty. After the last rung comes a page for everyone,
//! and a letter to the patient if the clinic wants it; then everyone again, until a person acknowledges.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::alert::State;
use super::tier::Tier;

const HOUR: Duration = Duration::from_secs(60 * 60);
const SHORTEST_REPEAT: Duration = Duration::from_secs(60);
const LONGEST_OFF_DUTY: Duration = Duration::from_secs(4 * 24 * 60 * 60);
const QUARTER: u64 = 15 * 60;

/// When someone is on duty, in the clinic's zone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// From and until, until exclusive; a shift may run over midnight. `None` is day and night.
    pub shift: Option<(Time, Time)>,
    /// The days on which the shift begins; `None` is every day, holidays included.
    pub weekdays: Option<Vec<Weekday>>,
}

/// One person or desk. Its address and channels stay with the caller, under the same index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rung {
    /// How long after the raise it is told, for an emergency; an urgent alert climbs four times slower.
    pub after: Duration,
    /// When it is on duty.
    pub hours: Hours,
}

/// Whether the patient is written to when everyone was told in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatientLetter {
    /// Never.
    Off,
    /// Once, for emergency and urgent: if nobody has called you, go now.
    On,
}

/// The people who are told, first to last.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// The rungs in the order they are told.
    pub rungs: Vec<Rung>,
    /// How often an emergency is told again; less than a minute counts as a minute, more than a day as a day.
    pub repeat_every: Duration,
    /// Whether the patient is written to at the end.
    pub patient_letter: PatientLetter,
    /// The clinic's zone, for duty hours.
    pub zone: TimeZone,
    /// Dates on which shifts tied to weekdays are off.
    pub holidays: BTreeSet<Date>,
}

/// How far an alert got. All of it is stored, so that it goes on after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Its state.
    pub state: State,
    /// How urgent it is.
    pub tier: Tier,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// How many steps were taken: rungs told, plus one once everyone was.
    pub told: usize,
    /// When the last notice left.
    pub last_at: Option<Timestamp>,
}

/// Why a notice leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// This rung is told for the first time.
    Rung(usize),
    /// Everyone is told, for the first time.
    Everyone,
    /// Those already told are told again.
    Again,
}

/// The next thing an alert does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When; already past if it is overdue, then it leaves at once.
    pub at: Timestamp,
    /// Why.
    pub why: Why,
    /// Indices of the rungs to tell.
    pub whom: Vec<usize>,
    /// Whether the patient gets her letter now.
    pub patient_letter: PatientLetter,
    /// What [`Progress::told`] is once it has left.
    pub told: usize,
}

impl Progress {
    /// The same alert after that notice left.
    #[must_use]
    pub const fn after(self, notice: &Notice, left_at: Timestamp) -> Self {
        Self { told: notice.told, last_at: Some(left_at), ..self }
    }
}

struct Pace {
    stretch: u32,
    slowest: Duration,
    repeat: Duration,
}

impl Ladder {
    /// The next notice of an alert; `None` once a person has taken it on, and for routine. Never later than
    /// [`Ladder::longest_wait`] after `now`, even after the clock was set back.
    #[must_use]
    pub fn next(&self, alert: &Progress, now: Timestamp) -> Option<Notice> {
        if alert.state != State::Raised {
            return None;
        }
        let pace = self.pace(alert.tier)?;
        let alert = &Progress {
            raised_at: alert.raised_at.min(now),
            last_at: alert.last_at.map(|at| at.min(now)),
            ..*alert
        };
        let told = &self.rungs[..self.rungs.len().min(alert.told)];
        let again = alert.last_at.filter(|_| alert.told > 0);
        let again = again.map(|last| self.on_duty_from(alert.tier, later(last, pace.repeat), told));
        let climb = self.climb_at(alert, &pace);
        match (climb, again) {
            (Some(climb), Some(again)) if again < climb => Some(self.repeat(alert, again)),
            (Some(climb), _) => Some(self.step(alert, climb)),
            (None, again) => Some(self.repeat(alert, again.unwrap_or(now))),
        }
    }

    /// No notice is further away than this while an alert of that tier is raised.
    #[must_use]
    pub fn longest_wait(&self, tier: Tier) -> Duration {
        self.pace(tier).map_or(Duration::ZERO, |pace| match tier {
            Tier::Soon => pace.repeat + LONGEST_OFF_DUTY,
            Tier::Routine | Tier::Urgent | Tier::Emergency => pace.repeat,
        })
    }

    /// Whether that rung is on duty.
    #[must_use]
    pub fn is_on_duty(&self, rung: &Rung, at: Timestamp) -> bool {
        let local = at.to_zoned(self.zone.clone());
        let begins = |date: Date| match &rung.hours.weekdays {
            Some(days) => days.contains(&date.weekday()) && !self.holidays.contains(&date),
            None => true,
        };
        let (today, time) = (local.date(), local.time());
        let yesterday = today.yesterday().unwrap_or(today);
        match rung.hours.shift {
            None => begins(today),
            Some((from, until)) if from < until => begins(today) && from <= time && time < until,
            Some((from, until)) => (begins(today) && from <= time) || (begins(yesterday) && time < until),
        }
    }

    /// Whether anyone is on duty at that instant, for the cover check.
    #[must_use]
    pub fn is_covered(&self, at: Timestamp) -> bool {
        self.rungs.iter().any(|rung| self.is_on_duty(rung, at))
    }

    fn pace(&self, tier: Tier) -> Option<Pace> {
        let every = self.repeat_every.clamp(SHORTEST_REPEAT, 24 * HOUR);
        match tier {
            Tier::Emergency => Some(Pace { stretch: 1, slowest: HOUR, repeat: every }),
            Tier::Urgent => {
                Some(Pace { stretch: 4, slowest: 12 * HOUR, repeat: (every * 16).min(24 * HOUR) })
            }
            Tier::Soon => Some(Pace { stretch: 96, slowest: 72 * HOUR, repeat: 24 * HOUR }),
            Tier::Routine => None,
        }
    }

    /// When the next untold rung is told; `None` once everyone was.
    fn climb_at(&self, alert: &Progress, pace: &Pace) -> Option<Timestamp> {
        let count = self.rungs.len();
        if alert.told > count {
            return None;
        }
        if alert.told == 0 {
            let first = &self.rungs[..count.min(1)];
            return Some(self.on_duty_from(alert.tier, alert.raised_at, first));
        }
        let last_at = alert.last_at.unwrap_or(alert.raised_at);
        let told = self.rungs.iter().take(alert.told);
        if alert.tier > Tier::Soon && !told.clone().any(|rung| self.is_on_duty(rung, last_at)) {
            return Some(last_at);
        }
        let settled = match self.rungs.get(alert.told) {
            Some(rung) => later(alert.raised_at, rung.after.saturating_mul(pace.stretch).min(pace.slowest)),
            None => later(last_at, pace.repeat),
        };
        let next = alert.told..self.rungs.len().min(alert.told + 1);
        Some(self.on_duty_from(alert.tier, settled, &self.rungs[next]))
    }

    /// A soon alert waits until one of those about to be told is on duty, four days at most.
    fn on_duty_from(&self, tier: Tier, from: Timestamp, rungs: &[Rung]) -> Timestamp {
        if tier > Tier::Soon || rungs.is_empty() {
            return from;
        }
        let mut quarters = (0..=LONGEST_OFF_DUTY.as_secs() / QUARTER)
            .filter_map(|n| from.checked_add(Duration::from_secs(n * QUARTER)).ok());
        let covered = |at: &Timestamp| rungs.iter().any(|rung| self.is_on_duty(rung, *at));
        quarters.find(covered).unwrap_or(from)
    }

    fn step(&self, alert: &Progress, at: Timestamp) -> Notice {
        let last_step = alert.told >= self.rungs.len();
        let letter = if alert.tier > Tier::Soon { self.patient_letter } else { PatientLetter::Off };
        Notice {
            at,
            why: if last_step { Why::Everyone } else { Why::Rung(alert.told) },
            whom: if last_step { (0..self.rungs.len()).collect() } else { vec![alert.told] },
            patient_letter: if last_step { letter } else { PatientLetter::Off },
            told: alert.told + 1,
        }
    }

    fn repeat(&self, alert: &Progress, at: Timestamp) -> Notice {
        let whom = (0..self.rungs.len().min(alert.told)).collect();
        Notice { at, why: Why::Again, whom, patient_letter: PatientLetter::Off, told: alert.told }
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minutes(n: u64) -> Duration {
        Duration::from_secs(n * 60)
    }

    fn ladder(rungs: Vec<Rung>) -> Ladder {
        Ladder {
            rungs,
            repeat_every: minutes(15),
            patient_letter: PatientLetter::On,
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            holidays: BTreeSet::new(),
        }
    }

    fn raised(tier: Tier, at: &str) -> Progress {
        Progress { state: State::Raised, tier, raised_at: at.parse().unwrap(), told: 0, last_at: None }
    }

    fn office() -> Hours {
        let weekdays =
            vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        Hours {
            shift: Some((Time::constant(8, 0, 0, 0), Time::constant(17, 0, 0, 0))),
            weekdays: Some(weekdays),
        }
    }

    /// What rings, in minutes after the raise, if every notice leaves on time.
    fn story(ladder: &Ladder, mut alert: Progress, count: usize) -> Vec<(u64, Why)> {
        let mut now = alert.raised_at;
        let mut out = Vec::new();
        for _ in 0..count {
            let notice = ladder.next(&alert, now).unwrap();
            now = now.max(notice.at);
            out.push((u64::try_from(now.duration_since(alert.raised_at).as_mins()).unwrap(), notice.why));
            alert = alert.after(&notice, now);
        }
        out
    }

    #[test]
    fn an_emergency_repeats_climbs_and_ends_with_everyone() {
        let ladder = ladder(vec![
            Rung::default(),
            Rung { after: minutes(30), ..Rung::default() },
            Rung { after: minutes(45), ..Rung::default() },
        ]);
        assert_eq!(
            story(&ladder, raised(Tier::Emergency, "2026-05-06T10:00:00Z"), 7),
            [
                (0, Why::Rung(0)),
                (15, Why::Again),
                (30, Why::Rung(1)),
                (45, Why::Rung(2)),
                (60, Why::Everyone),
                (75, Why::Again),
                (90, Why::Again),
            ]
        );
    }

    #[test]
    fn at_night_the_next_rung_is_told_at_once() {
        let rungs =
            vec![Rung { hours: office(), ..Rung::default() }, Rung { after: minutes(30), ..Rung::default() }];
        let night = raised(Tier::Emergency, "2026-05-06T01:00:00Z");
        assert_eq!(
            story(&ladder(rungs), night, 3),
            [(0, Why::Rung(0)), (0, Why::Rung(1)), (15, Why::Everyone)]
        );
    }

    #[test]
    fn a_soon_alert_waits_for_monday_morning() {
        let rungs = vec![Rung { hours: office(), ..Rung::default() }];
        let saturday = raised(Tier::Soon, "2026-05-09T10:00:00Z");
        let notice = ladder(rungs).next(&saturday, saturday.raised_at).unwrap();
        assert_eq!(notice.at, "2026-05-11T06:00:00Z".parse().unwrap());
    }

    #[test]
    fn the_patient_is_written_to_once_and_only_when_everyone_was_told() {
        let ladder = ladder(vec![Rung::default()]);
        let mut alert = raised(Tier::Urgent, "2026-05-06T10:00:00Z");
        let mut letters = 0;
        for _ in 0..9 {
            let notice = ladder.next(&alert, alert.last_at.unwrap_or(alert.raised_at)).unwrap();
            letters += usize::from(notice.patient_letter == PatientLetter::On);
            assert_eq!(notice.patient_letter == PatientLetter::On, notice.why == Why::Everyone);
            alert = alert.after(&notice, notice.at);
        }
        assert_eq!(letters, 1);
    }

    #[test]
    fn a_shift_over_midnight_is_on_duty_on_both_sides_of_it() {
        let night = Hours {
            shift: Some((Time::constant(22, 0, 0, 0), Time::constant(6, 0, 0, 0))),
            weekdays: Some(vec![Weekday::Friday]),
        };
        let rung = Rung { hours: night, ..Rung::default() };
        let ladder = ladder(vec![rung.clone()]);
        let on = |at: &str| ladder.is_on_duty(&rung, at.parse().unwrap());
        assert!(on("2026-05-08T21:00:00Z"));
        assert!(on("2026-05-09T03:00:00Z"));
        assert!(!on("2026-05-09T05:00:00Z"));
        assert!(!on("2026-05-08T03:00:00Z"));
        assert!(!ladder.is_covered("2026-05-09T21:00:00Z".parse().unwrap()));
    }

    fn rungs() -> impl Strategy<Value = Vec<Rung>> {
        let hours = prop_oneof![
            Just(Hours::default()),
            Just(office()),
            (0i8..24, 0i8..24, 0usize..7).prop_map(|(from, until, day)| Hours {
                shift: Some((Time::constant(from, 0, 0, 0), Time::constant(until, 0, 0, 0))),
                weekdays: Some(Weekday::Sunday.cycle_forward().skip(day).take(1).collect()),
            })
        ];
        let rung = (0u64..1_000_000, hours).prop_map(|(after, hours)| Rung { after: minutes(after), hours });
        prop::collection::vec(rung, 0..5)
    }

    proptest! {
        #[test]
        fn no_rung_is_skipped_and_it_never_falls_silent(
            rungs in rungs(),
            tier in prop::sample::select(vec![Tier::Emergency, Tier::Urgent, Tier::Soon]),
            start in 1_700_000_000i64..1_900_000_000,
            delays in prop::collection::vec(-90_000i64..900_000, 12),
        ) {
            let ladder = ladder(rungs);
            let begin = Timestamp::from_second(start).unwrap();
            let mut alert = Progress { state: State::Raised, tier, raised_at: begin, told: 0, last_at: None };
            let mut now = begin;
            let mut expected = 0;
            // Late notices, downtime and a clock that is set back by up to a day.
            for delay in delays {
                let notice = ladder.next(&alert, now).unwrap();
                prop_assert!(notice.at <= now + ladder.longest_wait(tier));
                match notice.why {
                    Why::Rung(index) => { prop_assert_eq!(index, expected); expected += 1; }
                    Why::Everyone => { prop_assert_eq!(ladder.rungs.len(), expected); expected += 1; }
                    Why::Again => prop_assert!(expected > 0),
                }
                prop_assert_eq!(notice.told, expected);
                now = notice.at.max(now) + jiff::SignedDuration::from_secs(delay);
                alert = alert.after(&notice, now);
            }
        }

        #[test]
        fn an_acknowledged_alert_never_rings_again(rungs in rungs(), told in 0usize..9, wait in 0u64..10_000_000) {
            for state in [State::Acknowledged, State::Closed] {
                let alert = Progress { state, told, ..raised(Tier::Emergency, "2026-05-06T10:00:00Z") };
                prop_assert_eq!(ladder(rungs.clone()).next(&alert, alert.raised_at + minutes(wait)), None);
            }
        }
    }
}
