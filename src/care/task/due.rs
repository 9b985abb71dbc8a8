//! When a task that opens now can be due: a time that a person can meet.

use std::time::Duration;

use jiff::Timestamp;

use crate::care::task::TaskKind;
use crate::care::time::office_hours::OfficeHours;
use crate::care::time::span::later;

const HOUR: Duration = Duration::from_secs(3_600);

impl TaskKind {
    /// The soonest that a task of this kind can be due which opens now. What may be an emergency has an hour, whatever the day,
    /// and so has a hold: until somebody has looked no patient gets a letter;
    /// the rest runs in the clinic's working hours: half a day where alerts or letters do not get through or a patient waits for
    /// a call, a whole one else.
    #[must_use]
    pub fn soonest_due(self, now: Timestamp, hours: &OfficeHours) -> Timestamp {
        match self {
            Self::ReadAnswer | Self::SheWrote | Self::DeathSuspected | Self::Hold => later(now, HOUR),
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
            | Self::BackupFailed => hours.after(now, 4 * HOUR),
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
            | Self::NotAsked => hours.after(now, 8 * HOUR),
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
