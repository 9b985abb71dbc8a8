//! In which order tasks are worked: by how much a patient may be hurt while nobody does them. How long a task is late comes after
//! that: a record that lacks its baseline for a year does not stand above a cord that is pressed since this morning.

use crate::care::task::TaskKind;

impl TaskKind {
    /// Every kind, the most pressing first: what may be an emergency, then what keeps alerts or letters from anybody, then whom
    /// nobody reaches, then whom nobody sees, then what a record lacks.
    pub const URGENCY: [Self; 41] = [
        Self::AfterAlert,
        Self::ReadAnswer,
        Self::SheWrote,
        Self::DeathSuspected,
        Self::CallRequested,
        Self::NoCover,
        Self::RungUnreachable,
        Self::CallsRefused,
        Self::LadderGap,
        Self::MailRefused,
        Self::CanaryBroken,
        Self::Hold,
        Self::LettersStopped,
        Self::UnusualVolume,
        Self::MailboxUnread,
        Self::RecordUnreadable,
        Self::AddressBad,
        Self::Unreachable,
        Self::ProxyAddress,
        Self::LinkLocked,
        Self::LetterFailed,
        Self::LetterUnknown,
        Self::NotAsked,
        Self::Silent,
        Self::OptedOut,
        Self::HandOver,
        Self::AfterDeath,
        Self::DeathInQuestion,
        Self::Missed,
        Self::LetterLapsed,
        Self::ProtocolStep,
        Self::NotBooked,
        Self::ImportBookings,
        Self::ReviewPlan,
        Self::ProtocolEnded,
        Self::DuplicateSuspected,
        Self::BackupFailed,
        Self::FewLetters,
        Self::RulesUnsigned,
        Self::BaselineMissing,
        Self::ZonesChanged,
    ];

    /// Its place among all kinds, 0 for the most pressing.
    #[must_use]
    pub fn rank(self) -> usize {
        Self::URGENCY.iter().position(|kind| *kind == self).unwrap_or(Self::URGENCY.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_place_and_what_may_be_an_emergency_comes_first() {
        for kind in TaskKind::ALL {
            assert_eq!(TaskKind::URGENCY.iter().filter(|one| **one == kind).count(), 1, "{kind:?}");
        }
        let urgent =
            [TaskKind::AfterAlert, TaskKind::ReadAnswer, TaskKind::SheWrote, TaskKind::CallRequested];
        assert!(urgent.iter().all(|kind| kind.rank() < TaskKind::AddressBad.rank()));
        assert!(TaskKind::AddressBad.rank() < TaskKind::BaselineMissing.rank());
    }
}
