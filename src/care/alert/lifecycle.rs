//! An alert ends with a person (P6). Its legal moves are one `match`; SQL's CHECK and `docs/flow.md` show the same.
//! When it rings, and whom, is decided in [`crate::care::alert::escalation`].

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::care::time::span::later;
use crate::care::triage::tier::Tier;

/// Where an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertState {
    /// Nobody has taken it on: it rings.
    Raised,
    /// A signed-in person has taken it on: it is quiet until its clock runs out.
    Acknowledged,
    /// A signed-in person has said what was done and what it was.
    Closed,
}

/// What can happen to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertEvent {
    /// The same people are told again.
    Repeat,
    /// The next rung is told.
    Escalate,
    /// A person takes it on.
    Acknowledge,
    /// Its clock ran out and it is open: whoever took it on is told.
    Remind,
    /// A person says that it is in hand: the patient was spoken with, and the rest takes its time.
    Renew,
    /// Whoever has it hands it over to a colleague; its clock goes on.
    HandOver,
    /// A person gives it back: it rings as if nobody had taken it on.
    GiveBack,
    /// It was taken on and left: it rings as if it had just been raised.
    Reopen,
    /// A person ends it.
    Close,
}

impl AlertState {
    /// Every state, in the order of an alert's life.
    pub const ALL: [Self; 3] = [Self::Raised, Self::Acknowledged, Self::Closed];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }

    /// What the word in SQL and JSON stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal. There is no way round a person, and none back from closed.
    #[must_use]
    pub const fn after(self, event: AlertEvent) -> Option<Self> {
        match (self, event) {
            (Self::Raised, AlertEvent::Repeat | AlertEvent::Escalate) => Some(Self::Raised),
            (Self::Raised, AlertEvent::Acknowledge) => Some(Self::Acknowledged),
            (Self::Acknowledged, AlertEvent::Remind | AlertEvent::Renew) => Some(Self::Acknowledged),
            (Self::Acknowledged, AlertEvent::HandOver) => Some(Self::Acknowledged),
            (Self::Acknowledged, AlertEvent::Reopen | AlertEvent::GiveBack) => Some(Self::Raised),
            (Self::Acknowledged, AlertEvent::Close) => Some(Self::Closed),
            _ => None,
        }
    }

    /// Whether a new answer of tier `new` is already being rung for by this alert of tier `open`, so that it joins it.
    /// An acknowledged alert takes in nothing: its person may not look again, so a new answer rings anew.
    #[must_use]
    pub fn takes_in(self, open: Tier, new: Tier) -> bool {
        self == Self::Raised && open >= new
    }
}

/// Something a person did about an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// The patient was called by telephone.
    Called,
    /// MRI of the spine, booked for that date or done then.
    Mri(Date),
    /// Computed tomography, booked or done.
    Ct,
    /// Radionuclide bone scan, booked or done.
    BoneScan,
    /// Positron emission tomography with CT, booked or done.
    PetCt,
    /// CT-guided biopsy, booked or done.
    Biopsy,
    /// Blood tests, booked or done.
    Bloods,
    /// Sent to the emergency department, by ambulance or on her own way.
    Emergency,
    /// Sent on to another team.
    Referral,
}

impl Disposition {
    /// Every word, in the order of the console's form.
    pub const WORDS: [&'static str; 9] =
        ["called", "emergency", "mri", "ct", "bone-scan", "pet-ct", "biopsy", "bloods", "referral"];

    /// The word in SQL and JSON; the date of an MRI is kept beside it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Mri(_) => "mri",
            Self::Ct => "ct",
            Self::BoneScan => "bone-scan",
            Self::PetCt => "pet-ct",
            Self::Biopsy => "biopsy",
            Self::Bloods => "bloods",
            Self::Emergency => "emergency",
            Self::Referral => "referral",
        }
    }

    /// Parses the word; an MRI needs its date, nothing else takes one.
    #[must_use]
    pub fn parse(word: &str, on: Option<Date>) -> Option<Self> {
        match (word, on) {
            ("called", None) => Some(Self::Called),
            ("mri", Some(on)) => Some(Self::Mri(on)),
            ("ct", None) => Some(Self::Ct),
            ("bone-scan", None) => Some(Self::BoneScan),
            ("pet-ct", None) => Some(Self::PetCt),
            ("biopsy", None) => Some(Self::Biopsy),
            ("bloods", None) => Some(Self::Bloods),
            ("emergency", None) => Some(Self::Emergency),
            ("referral", None) => Some(Self::Referral),
            _ => None,
        }
    }
}

/// What it turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertOutcome {
    /// The cancer has spread to the spine.
    SpinalSpread,
    /// The cancer has come back, but not in the spine.
    OtherRecurrence,
    /// Something other than cancer explains what she answered.
    OtherCause,
    /// There was nothing to find.
    FalseAlarm,
}

impl AlertOutcome {
    /// Every outcome, in the order of the console's form.
    pub const ALL: [Self; 4] =
        [Self::SpinalSpread, Self::OtherRecurrence, Self::OtherCause, Self::FalseAlarm];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SpinalSpread => "spinal-spread",
            Self::OtherRecurrence => "other-recurrence",
            Self::OtherCause => "other-cause",
            Self::FalseAlarm => "false-alarm",
        }
    }

    /// What the word in SQL and JSON stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.word() == word)
    }
}

/// The days on which staff work, in the clinic's own zone.
#[derive(Debug, Clone)]
pub struct WorkingDays {
    /// The clinic's zone; days begin and end by it.
    pub zone: TimeZone,
    /// Days of the week; with none, every day counts.
    pub weekdays: Vec<Weekday>,
    /// Dates that do not count.
    pub holidays: BTreeSet<Date>,
}

impl WorkingDays {
    /// Whether staff work on that date.
    #[must_use]
    pub fn includes(&self, date: Date) -> bool {
        (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
            && !self.holidays.contains(&date)
    }

    /// The end of the `count`th working day after the day of `from`. A run of 60 days off counts as worked, so that a
    /// careless list of holidays cannot put a deadline off for good.
    #[must_use]
    pub fn end_of_day(&self, count: u8, from: Timestamp) -> Timestamp {
        let mut date = from.to_zoned(self.zone.clone()).date();
        for _ in 0..count {
            let mut off = 0;
            date = next_day(date);
            while !self.includes(date) && off < 60 {
                date = next_day(date);
                off += 1;
            }
        }
        let midnight = next_day(date).to_datetime(Time::midnight());
        self.zone.to_ambiguous_timestamp(midnight).compatible().unwrap_or(from)
    }
}

/// An alert that a person has taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcknowledgedAlert {
    /// How urgent it is.
    pub tier: Tier,
    /// By when a person must have spoken with the patient.
    pub due_at: Timestamp,
    /// When it was taken on.
    pub acknowledged_at: Timestamp,
}

impl AcknowledgedAlert {
    /// When the one who took it on is reminded that it is open: at the instant by which a person must have spoken with the
    /// patient, but never sooner than `patience` after it was taken on. Taken on too late, its whole clock runs anew.
    #[must_use]
    pub fn remind_at(self, patience: Duration, days: &WorkingDays) -> Timestamp {
        if self.acknowledged_at < self.due_at {
            return self.due_at.max(later(self.acknowledged_at, patience));
        }
        due_at(self.tier, self.acknowledged_at, days).unwrap_or(Timestamp::MAX)
    }
}

/// When the one who says that an alert is in hand is reminded of it again: the work-up takes its time, but a cord that is
/// in danger is looked at every day.
#[must_use]
pub fn renewed_until(tier: Tier, at: Timestamp, days: &WorkingDays) -> Timestamp {
    match tier {
        Tier::Emergency => later(at, Duration::from_secs(24 * 60 * 60)),
        Tier::Urgent | Tier::Soon | Tier::Routine => days.end_of_day(3, at),
    }
}

fn next_day(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

/// How soon a person must have spoken with the patient of an emergency.
pub const EMERGENCY_CLOCK: Duration = Duration::from_secs(60 * 60);

/// By when a person must have spoken with the patient (clinical brief, section 2); `None` for routine.
#[must_use]
pub fn due_at(tier: Tier, raised_at: Timestamp, days: &WorkingDays) -> Option<Timestamp> {
    let within = |span: Duration| later(raised_at, span);
    match tier {
        Tier::Emergency => Some(within(EMERGENCY_CLOCK)),
        Tier::Urgent => Some(within(Duration::from_secs(24 * 60 * 60))),
        Tier::Soon => Some(days.end_of_day(3, raised_at)),
        Tier::Routine => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_ends_an_alert_and_one_that_is_left_rings_again() {
        for state in [AlertState::Acknowledged, AlertState::Closed] {
            assert_eq!(state.after(AlertEvent::Repeat), None);
            assert_eq!(state.after(AlertEvent::Escalate), None);
            assert_eq!(state.after(AlertEvent::Acknowledge), None);
        }
        assert_eq!(AlertState::Raised.after(AlertEvent::Close), None);
        assert_eq!(AlertState::Acknowledged.after(AlertEvent::Reopen), Some(AlertState::Raised));
        assert_eq!(AlertState::Acknowledged.after(AlertEvent::GiveBack), Some(AlertState::Raised));
        for state in [AlertState::Raised, AlertState::Closed] {
            for event in [
                AlertEvent::Remind,
                AlertEvent::Renew,
                AlertEvent::HandOver,
                AlertEvent::GiveBack,
                AlertEvent::Reopen,
            ] {
                assert_eq!(state.after(event), None, "{state:?} {event:?}");
            }
        }
        assert_eq!(AlertState::Closed.after(AlertEvent::Close), None);
    }

    #[test]
    fn words_and_values_agree_both_ways() {
        let on = jiff::civil::date(2026, 3, 1);
        for state in AlertState::ALL {
            assert_eq!(AlertState::parse(state.word()), Some(state));
        }
        for outcome in AlertOutcome::ALL {
            assert_eq!(AlertOutcome::parse(outcome.word()), Some(outcome));
        }
        for word in Disposition::WORDS {
            let date = (word == "mri").then_some(on);
            assert_eq!(Disposition::parse(word, date).map(Disposition::word), Some(word));
        }
        assert_eq!(Disposition::parse("mri", None), None);
        assert_eq!(Disposition::parse("ct", Some(on)), None);
    }

    #[test]
    fn a_new_answer_joins_only_an_alert_that_still_rings_as_loud() {
        assert!(AlertState::Raised.takes_in(Tier::Urgent, Tier::Urgent));
        assert!(!AlertState::Raised.takes_in(Tier::Urgent, Tier::Emergency));
        assert!(!AlertState::Acknowledged.takes_in(Tier::Emergency, Tier::Soon));
    }

    #[test]
    fn the_clocks_are_an_hour_a_day_and_three_working_days() {
        let days = WorkingDays {
            zone: TimeZone::get("America/New_York").unwrap(),
            weekdays: vec![
                Weekday::Monday,
                Weekday::Tuesday,
                Weekday::Wednesday,
                Weekday::Thursday,
                Weekday::Friday,
            ],
            holidays: BTreeSet::from([jiff::civil::date(2026, 1, 19)]),
        };
        // A Friday evening; Monday is a holiday: Tuesday, Wednesday, Thursday.
        let raised: Timestamp = "2026-01-16T22:00:00Z".parse().unwrap();
        assert_eq!(due_at(Tier::Emergency, raised, &days), "2026-01-16T23:00:00Z".parse().ok());
        assert_eq!(due_at(Tier::Urgent, raised, &days), "2026-01-17T22:00:00Z".parse().ok());
        assert_eq!(due_at(Tier::Soon, raised, &days), "2026-01-23T05:00:00Z".parse().ok());
        assert_eq!(due_at(Tier::Routine, raised, &days), None);
    }

    #[test]
    fn whoever_takes_an_alert_on_has_its_clock_and_time_to_act() {
        let days = WorkingDays { zone: TimeZone::UTC, weekdays: Vec::new(), holidays: BTreeSet::new() };
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + minute * 60).unwrap();
        let patience = Duration::from_secs(15 * 60);
        for (taken, reminded) in [(0, 60), (40, 60), (59, 74), (60, 120), (500, 560)] {
            let alert =
                AcknowledgedAlert { tier: Tier::Emergency, due_at: at(60), acknowledged_at: at(taken) };
            let found = alert.remind_at(patience, &days);
            assert_eq!(found, at(reminded), "{taken}");
        }
        assert_eq!(renewed_until(Tier::Emergency, at(60), &days), at(60 + 1440));
        assert!(renewed_until(Tier::Urgent, at(60), &days) > at(60 + 2 * 1440));
    }
}
