//! When a task that opens now can be due: a time that a person can meet.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::care::time::office_hours::OfficeHours;
use crate::care::time::span::later;

const HOUR: Duration = Duration::from_secs(3_600);

/// How soon a task asks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TaskPace {
    /// It may be an emergency, or no patient gets a letter until somebody has looked: an hour, whatever the day.
    Hour,
    /// Alerts or letters do not get through, or a patient waits for a call: half a working day.
    HalfDay,
    /// The rest: a whole working day.
    Day,
}

impl TaskKind {
    /// The soonest that a task of this kind can be due which opens now. What may be an emergency has an hour, whatever the day,
    /// and so has a hold: until somebody has looked no patient gets a letter;
    /// the rest runs in the clinic's working hours: half a day where alerts or letters do not get through or a patient waits for
    /// a call, a whole one else.
    #[must_use]
    pub fn soonest_due(self, now: Timestamp, hours: &OfficeHours) -> Timestamp {
        match self.pace() {
            TaskPace::Hour => later(now, HOUR),
            TaskPace::HalfDay => hours.after(now, 4 * HOUR),
            TaskPace::Day => hours.after(now, 8 * HOUR),
        }
    }

    /// Whether a task of this kind may be put off for some days. Never one that stands for an alert or a hold, for words of a
    /// patient that nobody has read, or for a fault that keeps letters or alerts from arriving.
    #[must_use]
    pub const fn may_wait(self) -> bool {
        // Nobody is harmed by a call or a link that a person gets to tomorrow, though both are asked for today.
        matches!(self.pace(), TaskPace::Day) || matches!(self, Self::LinkLocked | Self::CallRequested)
    }

    /// How soon it asks for a person.
    const fn pace(self) -> TaskPace {
        match self {
            Self::ReadAnswer | Self::SheWrote | Self::DeathSuspected | Self::Hold => TaskPace::Hour,
            Self::AfterAlert
            | Self::LinkLocked
            | Self::CallRequested
            | Self::NoCover
            | Self::CanaryBroken
            | Self::RungUnreachable
            | Self::CallsRefused
            | Self::LadderGap
            | Self::MailRefused
            | Self::LettersStopped
            | Self::UnusualVolume
            | Self::FewLetters
            | Self::MailboxUnread
            | Self::RecordUnreadable
            | Self::BackupFailed => TaskPace::HalfDay,
            Self::AddressBad
            | Self::ProxyAddress
            | Self::OptedOut
            | Self::LetterFailed
            | Self::LetterUnknown
            | Self::LetterLapsed
            | Self::NotBooked
            | Self::Missed
            | Self::Silent
            | Self::ProtocolStep
            | Self::ReviewPlan
            | Self::HandOver
            | Self::ProtocolEnded
            | Self::Unreachable
            | Self::DuplicateSuspected
            | Self::AfterDeath
            | Self::DeathInQuestion
            | Self::BaselineMissing
            | Self::ImportBookings
            | Self::RulesUnsigned
            | Self::ZonesChanged
            | Self::NotAsked => TaskPace::Day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_overdue_when_it_opens_and_only_what_may_be_an_emergency_is_due_at_night() {
        let hours = OfficeHours::default();
        // A Tuesday morning, its night, a Friday evening, a Sunday.
        for now in
            ["2026-03-03T10:00:00Z", "2026-03-04T01:00:00Z", "2026-03-06T16:59:00Z", "2026-03-08T12:00:00Z"]
        {
            let now: Timestamp = now.parse().unwrap();
            for kind in TaskKind::ALL {
                let due = kind.soonest_due(now, &hours);
                assert!(due >= now.checked_add(HOUR).unwrap(), "{kind:?} at {now}");
                let local = due.to_zoned(jiff::tz::TimeZone::UTC);
                let is_there = hours.days.is_open(local.date()) && (9..=17).contains(&local.hour());
                assert!(
                    is_there
                        || matches!(
                            kind,
                            TaskKind::ReadAnswer
                                | TaskKind::SheWrote
                                | TaskKind::DeathSuspected
                                | TaskKind::Hold
                        ),
                    "{kind:?} at {now} is due {due}"
                );
            }
        }
    }
}
