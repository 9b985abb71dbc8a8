//! Cover: would an alert that is raised now reach a person in time? It is proved for each rung by itself, by the code that a
//! test alert brought it, and one rung that has proved it is enough.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::escalation::{Ladder, Rung};
use super::rung::Identity;
use crate::care::alert::lifecycle::EMERGENCY_CLOCK;
use crate::care::time::office_hours::OfficeHours;
use crate::care::time::span::later;

/// A rung that gave the code of a test alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungProof {
    /// Who it was, as the test alert told it.
    pub who: Identity,
    /// When the code was given.
    pub at: Timestamp,
}

/// What is known of the ladder besides its rungs.
#[derive(Debug, Clone)]
pub struct CoverFacts {
    /// Addresses that do not take letters: whoever stands behind one is not reached.
    pub unreachable: BTreeSet<String>,
    /// Who has proved it.
    pub proofs: Vec<RungProof>,
    /// How long a proof counts.
    pub lasts: Duration,
}

/// Why nobody on the ladder counts as reachable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingCover {
    /// No rung has hours in the coming week.
    NoHours,
    /// The letters to every rung with hours are refused.
    Refused,
    /// Whoever is left is told of an emergency only once its clock has run out.
    ToldTooLate,
    /// None of those left has given the code of a test alert lately.
    NotProved,
}

impl MissingCover {
    /// What is missing, in one sentence for staff.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoHours => "Nobody on the ladder has hours in the coming week.",
            Self::Refused => "Letters to everyone on the ladder with hours in the coming week are refused.",
            Self::ToldTooLate => {
                "Everyone on the ladder who can be reached is told of an emergency only after its hour is over."
            }
            Self::NotProved => "Nobody on the ladder has given the code of a test alert for too long.",
        }
    }
}

/// What is missing before an alert would reach somebody in time; `None` while one rung at least has hours in the coming
/// week, takes letters, is told of an emergency before its clock runs out, and has proved lately that it is reached.
#[must_use]
pub fn missing(ladder: &Ladder, facts: &CoverFacts, now: Timestamp) -> Option<MissingCover> {
    let mut left = with_hours(ladder, now);
    if left.is_empty() {
        return Some(MissingCover::NoHours);
    }
    left.retain(|rung| !facts.unreachable.contains(&rung.who.address));
    if left.is_empty() {
        return Some(MissingCover::Refused);
    }
    left.retain(|rung| is_told_in_time(rung));
    if left.is_empty() {
        return Some(MissingCover::ToldTooLate);
    }
    let is_proved = |rung: &&Rung| proved_until(&rung.who, facts).is_some_and(|until| until > now);
    (!left.iter().any(is_proved)).then_some(MissingCover::NotProved)
}

/// When the next test alert leaves by itself: once it is due, and in the hours in which people work, because a letter that asks
/// somebody to sign in and type a code proves nothing better for coming at midnight. It comes outside them where they are
/// further off than half of what lies between two tests: proofs last for two, and must not run out over a long closure.
#[must_use]
pub fn test_at(last: Timestamp, every: Duration, hours: &OfficeHours) -> Timestamp {
    let due = later(last, every);
    // Where the first moment of working time from then on is over, it began so much before.
    let opens = hours.after(due, MOMENT).checked_sub(MOMENT).unwrap_or(due);
    if opens <= later(due, every / 2) { opens.max(due) } else { due }
}

const MOMENT: Duration = Duration::from_millis(1);

/// Until when the proof of a rung counts; `None` if it has none. A rung with another address, or that is somebody else now,
/// has none: the code went elsewhere.
#[must_use]
pub fn proved_until(who: &Identity, facts: &CoverFacts) -> Option<Timestamp> {
    let is_its = |proof: &&RungProof| proof.who.address == who.address && proof.who.key() == who.key();
    let newest = facts.proofs.iter().filter(is_its).map(|proof| proof.at).max()?;
    Some(later(newest, facts.lasts))
}

/// Whether the ladder tells this rung of an emergency for the first time while its clock still runs. The other tiers climb
/// slower, but their clocks are longer by more: whoever is in time for an emergency is in time for every alert.
#[must_use]
pub fn is_told_in_time(rung: &Rung) -> bool {
    rung.after < EMERGENCY_CLOCK
}

/// The rungs that have hours in the coming week, however short those are.
fn with_hours(ladder: &Ladder, now: Timestamp) -> Vec<&Rung> {
    let week = ladder.cover(now, later(now, WEEK));
    let on_duty: BTreeSet<usize> = week.into_iter().flat_map(|span| span.rungs).collect();
    on_duty.into_iter().filter_map(|rung| ladder.rungs.get(rung)).collect()
}

/// How far ahead it is looked for hours.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::care::alert::duty::Hours;
    use crate::care::alert::escalation::PatientLetter;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_test_leaves_in_office_hours_unless_proofs_would_run_out_before_they_come() {
        // Nine to five from Monday to Friday; the third of March is a Tuesday.
        let hours = OfficeHours::default();
        for (last, days, next) in [
            ("2026-02-24T00:00:00Z", 7, "2026-03-03T09:00:00Z"),
            ("2026-02-24T10:30:00Z", 7, "2026-03-03T10:30:00Z"),
            ("2026-02-24T16:59:30Z", 7, "2026-03-03T16:59:30Z"),
            ("2026-02-24T17:00:00Z", 7, "2026-03-04T09:00:00Z"),
            ("2026-02-28T12:00:00Z", 7, "2026-03-09T09:00:00Z"),
            ("2026-03-06T18:00:00Z", 1, "2026-03-07T18:00:00Z"),
            ("2026-03-02T20:00:00Z", 1, "2026-03-03T20:00:00Z"),
        ] {
            let found = test_at(last.parse().unwrap(), days * DAY, &hours);
            assert_eq!(found, next.parse().unwrap(), "{last}, every {days} days");
        }
    }

    fn now() -> Timestamp {
        "2026-03-03T09:00:00Z".parse().unwrap()
    }

    fn who(name: &str) -> Identity {
        Identity { id: None, name: name.to_owned(), address: format!("{name}@clinic.example") }
    }

    fn ladder(rungs: &[(&str, u64)]) -> Ladder {
        let rung = |(name, minutes): &(&str, u64)| Rung {
            who: who(name),
            after: Duration::from_secs(minutes * 60),
            hours: Hours::default(),
        };
        Ladder {
            rungs: rungs.iter().map(rung).collect(),
            repeat_every: Duration::from_secs(900),
            patient_letter: PatientLetter::Off,
            zone: TimeZone::UTC,
            holidays: BTreeSet::new(),
        }
    }

    fn facts(proved: &[(&str, i64)]) -> CoverFacts {
        let proof = |(name, days): &(&str, i64)| RungProof {
            who: who(name),
            at: now() - SignedDuration::from_hours(24 * days),
        };
        CoverFacts {
            unreachable: BTreeSet::new(),
            proofs: proved.iter().map(proof).collect(),
            lasts: 60 * DAY,
        }
    }

    #[test]
    fn one_rung_that_proved_it_lately_is_enough_and_an_old_proof_is_none() {
        let two = ladder(&[("nurse", 0), ("doctor", 30)]);
        assert_eq!(missing(&two, &facts(&[]), now()), Some(MissingCover::NotProved));
        assert_eq!(missing(&two, &facts(&[("doctor", 1)]), now()), None);
        assert_eq!(missing(&two, &facts(&[("nurse", 59)]), now()), None);
        assert_eq!(
            missing(&two, &facts(&[("nurse", 60), ("doctor", 61)]), now()),
            Some(MissingCover::NotProved)
        );
        assert_eq!(missing(&two, &facts(&[("somebody", 1)]), now()), Some(MissingCover::NotProved));
    }

    #[test]
    fn a_rung_that_is_told_once_the_hour_is_over_proves_nothing() {
        let late = ladder(&[("nurse", 0), ("doctor", 60)]);
        assert_eq!(missing(&late, &facts(&[("doctor", 1)]), now()), Some(MissingCover::NotProved));
        assert_eq!(missing(&late, &facts(&[("nurse", 1)]), now()), None);
        let only_late = CoverFacts { unreachable: [who("nurse").address].into(), ..facts(&[("doctor", 1)]) };
        assert_eq!(missing(&late, &only_late, now()), Some(MissingCover::ToldTooLate));
    }

    #[test]
    fn half_an_hour_a_day_is_seen_from_whatever_minute_it_is_asked() {
        let mut short = ladder(&[("nurse", 0)]);
        short.rungs[0].hours.shift = Some((time(12, 0, 0, 0), time(12, 30, 0, 0)));
        for minute in 0..120 {
            let asked = now() + SignedDuration::from_mins(minute);
            assert_eq!(missing(&short, &facts(&[("nurse", 1)]), asked), None, "{asked}");
        }
    }

    #[test]
    fn a_proof_is_of_a_rung_at_its_address() {
        let mut moved = ladder(&[("nurse", 0)]);
        moved.rungs[0].who.address = "elsewhere@clinic.example".to_owned();
        assert_eq!(missing(&moved, &facts(&[("nurse", 1)]), now()), Some(MissingCover::NotProved));
        let refused = CoverFacts { unreachable: [who("nurse").address].into(), ..facts(&[("nurse", 1)]) };
        assert_eq!(missing(&ladder(&[("nurse", 0)]), &refused, now()), Some(MissingCover::Refused));
        let mut never = ladder(&[("nurse", 0)]);
        never.rungs[0].hours.weekdays = Some(Vec::new());
        assert_eq!(missing(&never, &facts(&[("nurse", 1)]), now()), Some(MissingCover::NoHours));
        assert_eq!(missing(&ladder(&[]), &facts(&[]), now()), Some(MissingCover::NoHours));
    }
}
