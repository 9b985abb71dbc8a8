//! Whom an open alert rings, and when. A pure question: given whom it told so far, what is the next notice?
//!
//! Every rung is told in turn, never skipped. Rungs are known by who they are, so that a ladder that is changed while an
//! alert is open skips and doubles nobody. Emergency and urgent alerts disregard duty hours; if nobody told so far is on
//! duty or can be reached, the next rung is told at once. A soon alert waits for duty. After the last rung, and a wait in
//! which somebody could have acted, comes a page for everyone, and a letter to the patient if the clinic wants it; then
//! everyone again, until a person acknowledges.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ring_dates::RingDates;
use super::rung::{Identity, remembered, told};
use crate::care::alert::duty::Hours;
use crate::care::alert::lifecycle::AlertState;
use crate::care::time::span::later;
use crate::care::triage::tier::Tier;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const SHORTEST_REPEAT: Duration = MINUTE;
const LONGEST_OFF_DUTY: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// One person or team. Its channels stay with the caller, under the same index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rung {
    /// The person, by name and address.
    pub who: Identity,
    /// How long after the raise it is told, for an emergency; an urgent alert climbs four times slower.
    pub after: Duration,
    /// When it is on duty.
    pub hours: Hours,
}

/// Whether the patient is written to when everyone was told in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatientLetter {
    /// She is not written to.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationProgress {
    /// Where it is in its lifecycle.
    pub state: AlertState,
    /// How urgent it is.
    pub tier: Tier,
    /// When it began to ring at this tier.
    pub raised_at: Timestamp,
    /// Who was told since, as they stood on the ladder then.
    pub told: Vec<Identity>,
    /// When a rung was last told for the first time.
    pub climbed_at: Option<Timestamp>,
    /// When everyone was told for the first time.
    pub everyone_at: Option<Timestamp>,
    /// When the patient was written to; once for an alert, whatever else becomes of it.
    pub patient_at: Option<Timestamp>,
    /// When the last notice left.
    pub last_at: Option<Timestamp>,
    /// Addresses that do not take letters: a rung behind one counts as not reached.
    pub unreachable: BTreeSet<String>,
}

/// Why a notice leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscalationReason {
    /// This rung is told for the first time.
    Rung(usize),
    /// Everyone is told, for the first time.
    Everyone,
    /// Those already told are told again.
    Again,
}

/// The next thing an alert does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationStep {
    /// When; already past if it is overdue, then it leaves at once.
    pub at: Timestamp,
    /// What makes it leave.
    pub why: EscalationReason,
    /// Indices of the rungs to tell, on the ladder as it stands now.
    pub whom: Vec<usize>,
    /// Whether the patient gets her letter now.
    pub patient_letter: PatientLetter,
}

struct Cadence {
    stretch: u32,
    slowest: Duration,
    repeat: Duration,
    /// Between the last rung and everyone: somebody must have had the time to act.
    patience: Duration,
}

/// A step up that has not been taken yet.
enum Climb {
    To(usize, Timestamp),
    Everyone(Timestamp),
}

impl Climb {
    const fn at(&self) -> Timestamp {
        match self {
            Self::To(_, at) | Self::Everyone(at) => *at,
        }
    }
}

impl Ladder {
    /// The next notice of an alert; `None` once a person has taken it on, and for routine. Never later than
    /// [`Ladder::longest_wait`] after `now`, even after the clock was set back.
    #[must_use]
    pub fn next(&self, alert: &EscalationProgress, now: Timestamp) -> Option<EscalationStep> {
        if alert.state != AlertState::Raised {
            return None;
        }
        let pace = self.pace(alert.tier)?;
        let alert = &alert.no_later_than(now);
        let told = self.told(alert);
        let has_rung = !told.is_empty() || alert.everyone_at.is_some();
        let again = alert.last_at.filter(|_| has_rung);
        let again = again.map(|last| self.on_duty_from(alert.tier, later(last, pace.repeat), &told));
        match (self.climb(alert, &told, &pace), again) {
            (Some(climb), Some(again)) if again < climb.at() => Some(self.repeat(alert, &told, again)),
            (Some(climb), _) => Some(self.step(alert, &climb)),
            (None, again) => Some(self.repeat(alert, &told, again.unwrap_or(now))),
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

    /// How long somebody who was told has to act before more happens: before everyone is told, and before an alert whose
    /// owner was reminded in vain is raised again.
    #[must_use]
    pub fn patience(&self, tier: Tier) -> Duration {
        self.pace(tier).map_or(Duration::ZERO, |pace| pace.patience)
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

    fn pace(&self, tier: Tier) -> Option<Cadence> {
        let every = self.repeat_every.clamp(SHORTEST_REPEAT, 24 * HOUR);
        let pace = |stretch, slowest, repeat: Duration, least: Duration| Cadence {
            stretch,
            slowest,
            repeat,
            patience: repeat.max(least),
        };
        match tier {
            Tier::Emergency => Some(pace(1, HOUR, every, 10 * MINUTE)),
            Tier::Urgent => Some(pace(4, 12 * HOUR, (every * 16).min(24 * HOUR), HOUR)),
            Tier::Soon => Some(pace(96, 72 * HOUR, 24 * HOUR, 24 * HOUR)),
            Tier::Routine => None,
        }
    }

    /// Indices of the rungs that were told, each as whoever it is now.
    fn told(&self, alert: &EscalationProgress) -> Vec<usize> {
        let now: Vec<&Identity> = self.rungs.iter().map(|rung| &rung.who).collect();
        told(&alert.told, &now)
    }

    /// The next step up; `None` once everyone was told.
    fn climb(&self, alert: &EscalationProgress, told: &[usize], pace: &Cadence) -> Option<Climb> {
        if let Some(next) = (0..self.rungs.len()).find(|index| !told.contains(index)) {
            let settled = match told {
                [] => alert.raised_at,
                told if self.is_in_vain(alert, next, told) => alert.last_at.unwrap_or(alert.raised_at),
                _ => self.climb_at(alert, next, pace),
            };
            return Some(Climb::To(next, self.on_duty_from(alert.tier, settled, &[next])));
        }
        alert.everyone_at.is_none().then(|| Climb::Everyone(self.everyone_at(alert, pace)))
    }

    /// When that rung's own wait is over.
    fn climb_at(&self, alert: &EscalationProgress, next: usize, pace: &Cadence) -> Timestamp {
        later(alert.raised_at, self.rungs[next].after.saturating_mul(pace.stretch).min(pace.slowest))
    }

    /// Whether whoever was told cannot act: the rung before is not reached, or nobody who is was on duty.
    fn is_in_vain(&self, alert: &EscalationProgress, next: usize, told: &[usize]) -> bool {
        let is_reached = |index: &usize| !alert.unreachable.contains(&self.rungs[*index].who.address);
        let before = told.iter().filter(|index| **index < next).max();
        if before.is_some_and(|before| !is_reached(before)) || !told.iter().any(is_reached) {
            return true;
        }
        let last_at = alert.last_at.unwrap_or(alert.raised_at);
        let mut reached = told.iter().filter(|index| is_reached(index));
        alert.tier > Tier::Soon && !reached.any(|index| self.is_on_duty(&self.rungs[*index], last_at))
    }

    fn everyone_at(&self, alert: &EscalationProgress, pace: &Cadence) -> Timestamp {
        if self.rungs.is_empty() {
            // Nobody is there who could have acted.
            return alert.raised_at;
        }
        let last_at = alert.last_at.unwrap_or(alert.raised_at);
        let climbed_at = alert.climbed_at.unwrap_or(last_at);
        let at = later(climbed_at, pace.patience).max(later(last_at, pace.repeat));
        let all: Vec<usize> = (0..self.rungs.len()).collect();
        self.on_duty_from(alert.tier, at, &all)
    }

    /// A soon alert waits until one of those about to be told is on duty, four days at most.
    fn on_duty_from(&self, tier: Tier, from: Timestamp, whom: &[usize]) -> Timestamp {
        if tier > Tier::Soon || whom.is_empty() {
            return from;
        }
        let mut ahead = self.cover(from, later(from, LONGEST_OFF_DUTY)).into_iter();
        ahead.find(|span| whom.iter().any(|index| span.rungs.contains(index))).map_or(from, |span| span.from)
    }

    fn step(&self, alert: &EscalationProgress, climb: &Climb) -> EscalationStep {
        let at = climb.at();
        match climb {
            Climb::To(next, _) => EscalationStep {
                at,
                why: EscalationReason::Rung(*next),
                whom: vec![*next],
                patient_letter: PatientLetter::Off,
            },
            Climb::Everyone(_) => {
                let whom = (0..self.rungs.len()).collect();
                EscalationStep {
                    at,
                    why: EscalationReason::Everyone,
                    whom,
                    patient_letter: self.patient_letter(alert),
                }
            }
        }
    }

    fn repeat(&self, alert: &EscalationProgress, told: &[usize], at: Timestamp) -> EscalationStep {
        let letter = alert.everyone_at.map_or(PatientLetter::Off, |_| self.patient_letter(alert));
        EscalationStep { at, why: EscalationReason::Again, whom: told.to_vec(), patient_letter: letter }
    }

    /// Whether she is written to: once an alert, and only if it is urgent or an emergency.
    fn patient_letter(&self, alert: &EscalationProgress) -> PatientLetter {
        let is_for_her = alert.tier > Tier::Soon && alert.patient_at.is_none();
        if is_for_her { self.patient_letter } else { PatientLetter::Off }
    }
}

impl EscalationProgress {
    /// The same alert, as if nothing of it lay in the future.
    fn no_later_than(&self, now: Timestamp) -> Self {
        let (raised_at, climbed_at) = (self.raised_at, self.climbed_at);
        let dated = RingDates { raised_at, climbed_at, everyone_at: self.everyone_at, last_at: self.last_at };
        let RingDates { raised_at, climbed_at, everyone_at, last_at } = dated.no_later_than(now);
        Self { raised_at, climbed_at, everyone_at, last_at, ..self.clone() }
    }

    /// The same alert after that notice left.
    #[must_use]
    pub fn after(mut self, notice: &EscalationStep, ladder: &Ladder, left_at: Timestamp) -> Self {
        match notice.why {
            EscalationReason::Rung(_) => self.climbed_at = Some(left_at),
            EscalationReason::Everyone => self.everyone_at = Some(left_at),
            EscalationReason::Again => {}
        }
        if notice.patient_letter == PatientLetter::On {
            self.patient_at = Some(left_at);
        }
        let now: Vec<&Identity> = ladder.rungs.iter().map(|rung| &rung.who).collect();
        let known = told(&self.told, &now);
        self.told = remembered(&self.told, &now);
        let new = notice.whom.iter().filter(|index| !known.contains(index));
        self.told.extend(new.map(|index| now[*index].clone()));
        self.last_at = Some(left_at);
        self
    }
}

#[cfg(test)]
mod tests;
