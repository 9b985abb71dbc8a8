//! What each kind of task is called in a list, in a few words.

use crate::care::task::TaskKind;

/// The kind's name; what is to be done stands in [`TaskKind::ask`].
pub(in crate::web::console) const fn title(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::AddressBad => "Address does not work",
        TaskKind::OptedOut => "Wants no letters",
        TaskKind::LetterFailed => "Letter refused",
        TaskKind::LetterUnknown => "Letter in doubt",
        TaskKind::LetterLapsed => "Letter came too late",
        TaskKind::NotBooked => "No date booked",
        TaskKind::Missed => "Missed a date",
        TaskKind::Silent => "Does not answer",
        TaskKind::ProtocolStep => "Step of the protocol",
        TaskKind::ReviewPlan => "Plan to be looked at",
        TaskKind::HandOver => "Left letter follow-up",
        TaskKind::ProtocolEnded => "Protocol has ended",
        TaskKind::Unreachable => "Cannot be written to",
        TaskKind::Hold => "Letters are held",
        TaskKind::ReadAnswer => "Answer to read",
        TaskKind::LinkLocked => "Forms are locked",
        TaskKind::CanaryBroken => "Daily test failed",
        TaskKind::NoCover => "Nobody proved reachable",
        TaskKind::CallRequested => "Asked to be rung",
        TaskKind::DuplicateSuspected => "Perhaps one person twice",
        TaskKind::AfterDeath => "Form used after a death",
        TaskKind::DeathInQuestion => "A recorded death is questioned",
        TaskKind::BackupFailed => "Backup failed",
        TaskKind::MailRefused => "Mail server refuses us",
        TaskKind::SheWrote => "She wrote",
        TaskKind::AfterAlert => "Left to do after an alert",
        TaskKind::RecordUnreadable => "Record cannot be read",
        TaskKind::RungUnreachable => "Step of the ladder not reached",
        TaskKind::CallsRefused => "Calls of alerts refused",
        TaskKind::BaselineMissing => "No baseline",
        TaskKind::NotAsked => "Could not be asked",
        TaskKind::ImportBookings => "Dates to book after an import",
        TaskKind::ProxyAddress => "Address of who acts for her refused",
        TaskKind::LadderGap => "Away without a deputy",
        TaskKind::RulesUnsigned => "Rules not signed",
        TaskKind::UnusualVolume => "Far more letters than usual",
        TaskKind::ZonesChanged => "Time zones changed",
        TaskKind::FewLetters => "Far fewer letters than usual",
        TaskKind::LettersStopped => "Letters of a kind are stopped",
        TaskKind::MailboxUnread => "Replies are not read",
    }
}
