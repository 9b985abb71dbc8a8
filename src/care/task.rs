//! A task is something a person must do. One closed list, so that the worklist can sort and explain each.

mod ask;
mod due;
mod urgency;

/// Why a person is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskKind {
    /// The mail server refused the address for good: find another route.
    AddressBad,
    /// She wants no letters: agree another route.
    OptedOut,
    /// A letter failed for a reason other than the address.
    LetterFailed,
    /// It is unknown whether a letter arrived, and its protocol says to ask a person.
    LetterUnknown,
    /// A letter lost its use before it could leave: tell her another way.
    LetterLapsed,
    /// A visit or test is due and nothing is booked.
    NotBooked,
    /// A visit or test was missed and letters did not help: ring her.
    Missed,
    /// Two checklists in a row were not answered: ring her.
    Silent,
    /// A protocol step that names a task.
    ProtocolStep,
    /// A changed anchor, protocol or status put something into the past, or needs a decision.
    ReviewPlan,
    /// Her status left follow-up (recurrence, palliative, transfer): hand over by a person.
    HandOver,
    /// The last follow-up of her protocol is over.
    ProtocolEnded,
    /// She has no address, zone or language to write to: enrolment is incomplete.
    Unreachable,
    /// The clock jumped or a backup was restored: patient letters are held until a person has looked.
    Hold,
    /// An answer must be read.
    ReadAnswer,
    /// Someone failed the birth-date check too often.
    LinkLocked,
    /// A link, letter or page of the daily canary broke.
    CanaryBroken,
    /// Nobody on the alert ladder has proved reachable.
    NoCover,
    /// She asked to be rung.
    CallRequested,
    /// Two records may be the same person.
    DuplicateSuspected,
    /// Something came in, or is left to do, after her death was recorded.
    AfterDeath,
    /// She may have died and letters to her wait: somebody finds out.
    DeathSuspected,
    /// Somebody says that a recorded death is a mistake: a second person must agree or decline.
    DeathInQuestion,
    /// What a restore needs failed: the nightly copy, its second place, the sent journal, or a rehearsal.
    BackupFailed,
    /// The mail server refuses the clinic as a whole: account, sender, server name or a limit of ours.
    MailRefused,
    /// A patient, or somebody for her, wrote to a mailbox of ours.
    SheWrote,
    /// An alert ended with something that a person must still do.
    AfterAlert,
    /// A record cannot be read; everything else goes on without it.
    RecordUnreadable,
    /// A step of the ladder cannot be written to.
    RungUnreachable,
    /// A system that alerts call, such as a pager gateway, does not take the calls.
    CallsRefused,
    /// Nobody has confirmed what was there before, so nothing can be told as new.
    BaselineMissing,
    /// Nobody could read a form when hers was due, so she was not asked.
    NotAsked,
    /// Whoever came in mid-course with an import and needs a date that no letter asks for: one list.
    ImportBookings,
    /// Somebody on the alert ladder is away, and nobody is told in the place.
    LadderGap,
    /// The mail server refused the address of whoever acts for her: no letter about her leaves.
    ProxyAddress,
    /// The rules were signed in another version than the one in force: nothing is judged by them.
    RulesUnsigned,
    /// Letters of a kind are stopped: whatever is of that kind waits.
    LettersStopped,
    /// Far more letters than usual would leave: a sample left, the rest waits for somebody to agree.
    UnusualVolume,
    /// Far fewer letters than usual left on a day.
    FewLetters,
    /// The mailbox that returned letters and replies arrive in cannot be read.
    MailboxUnread,
    /// New time zone data moved what is planned; its local hour stayed.
    ZonesChanged,
}

/// What ends a task about a ladder without proof.
const NO_COVER: &str = "nobody on the ladder has proved reachable: a confirmed test alert ends it";
/// How it is while her forms are locked, and what ends it.
const FORMS_LOCKED: &str = "her forms are locked: unlocking them, once you spoke with her, ends it";

impl TaskKind {
    /// Every kind there is.
    pub const ALL: [Self; 41] = [
        Self::AddressBad,
        Self::OptedOut,
        Self::LetterFailed,
        Self::LetterUnknown,
        Self::LetterLapsed,
        Self::NotBooked,
        Self::Missed,
        Self::Silent,
        Self::ProtocolStep,
        Self::ReviewPlan,
        Self::HandOver,
        Self::ProtocolEnded,
        Self::Unreachable,
        Self::Hold,
        Self::ReadAnswer,
        Self::LinkLocked,
        Self::CanaryBroken,
        Self::NoCover,
        Self::CallRequested,
        Self::DuplicateSuspected,
        Self::AfterDeath,
        Self::DeathSuspected,
        Self::DeathInQuestion,
        Self::BackupFailed,
        Self::MailRefused,
        Self::SheWrote,
        Self::AfterAlert,
        Self::RecordUnreadable,
        Self::RungUnreachable,
        Self::CallsRefused,
        Self::BaselineMissing,
        Self::NotAsked,
        Self::ImportBookings,
        Self::LadderGap,
        Self::ProxyAddress,
        Self::RulesUnsigned,
        Self::LettersStopped,
        Self::UnusualVolume,
        Self::FewLetters,
        Self::MailboxUnread,
        Self::ZonesChanged,
    ];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AddressBad => "address-bad",
            Self::OptedOut => "opted-out",
            Self::LetterFailed => "letter-failed",
            Self::LetterUnknown => "letter-unknown",
            Self::LetterLapsed => "letter-lapsed",
            Self::NotBooked => "not-booked",
            Self::Missed => "missed",
            Self::Silent => "silent",
            Self::ProtocolStep => "protocol-step",
            Self::ReviewPlan => "review-plan",
            Self::HandOver => "hand-over",
            Self::ProtocolEnded => "protocol-ended",
            Self::Unreachable => "unreachable",
            Self::Hold => "hold",
            Self::ReadAnswer => "read-answer",
            Self::LinkLocked => "link-locked",
            Self::CanaryBroken => "canary-broken",
            Self::NoCover => "no-cover",
            Self::CallRequested => "call-requested",
            Self::DuplicateSuspected => "duplicate-suspected",
            Self::AfterDeath => "after-death",
            Self::DeathSuspected => "death-suspected",
            Self::DeathInQuestion => "death-in-question",
            Self::BackupFailed => "backup-failed",
            Self::MailRefused => "mail-refused",
            Self::SheWrote => "she-wrote",
            Self::AfterAlert => "after-alert",
            Self::RecordUnreadable => "record-unreadable",
            Self::RungUnreachable => "rung-unreachable",
            Self::CallsRefused => "calls-refused",
            Self::BaselineMissing => "baseline-missing",
            Self::NotAsked => "not-asked",
            Self::ImportBookings => "import-bookings",
            Self::LadderGap => "ladder-gap",
            Self::ProxyAddress => "proxy-address",
            Self::RulesUnsigned => "rules-unsigned",
            Self::LettersStopped => "letters-stopped",
            Self::UnusualVolume => "unusual-volume",
            Self::FewLetters => "few-letters",
            Self::MailboxUnread => "mailbox-unread",
            Self::ZonesChanged => "zones-changed",
        }
    }

    /// The kind of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// What a task of this kind stands for, if that is a condition which outlasts a tick: how it is, and what ends it. Closed
    /// by hand such a task comes back while it is so; it closes itself when it is over. `None` where closing the task is
    /// the end of the matter: the person did what was asked or, as with [`Self::Hold`], decides by closing it.
    #[must_use]
    pub const fn stands_while(self) -> Option<&'static str> {
        match self {
            Self::AddressBad => Some(
                "her status is \"address does not work\": a new address ends it, or \"no letters by e-mail\" where paper or phone is agreed",
            ),
            Self::Unreachable => Some(
                "she has no address on record: an address ends it, or \"no letters by e-mail\" where paper or phone is agreed",
            ),
            Self::LinkLocked => Some(FORMS_LOCKED),
            Self::NoCover => Some(NO_COVER),
            Self::LadderGap => {
                Some("somebody on the ladder is away without a deputy: a deputy or the return ends it")
            }
            Self::ProxyAddress => Some(
                "letters to whoever acts for her are refused: recording a new address, or ending it, ends this",
            ),
            Self::RulesUnsigned => Some(
                "other rules are in force than the signed ones: a new signature, or ending the old one, ends it",
            ),
            Self::MailboxUnread => Some("the mailbox cannot be read: the next look at it ends it"),
            Self::CanaryBroken => Some("the last daily test of the chain failed: the next good one ends it"),
            Self::BackupFailed => Some(
                "the nightly copy, its second place, the sent journal or a rehearsed restore fails: the next good one ends it",
            ),
            Self::MailRefused => Some("the mail server refuses us: the next letter it takes ends it"),
            Self::RecordUnreadable => Some("the record cannot be read: it ends once it can be"),
            Self::RungUnreachable => Some("letters to this step are refused: a mended address ends it"),
            Self::CallsRefused => Some("calls to this system are refused: the next call it takes ends it"),
            Self::ImportBookings => Some(
                "somebody on its list has no date: booking it, or deciding otherwise on the list, ends it",
            ),
            Self::LettersStopped => Some("letters of a kind are stopped: starting the kind again ends it"),
            Self::Missed => Some(
                "her booked date has passed and nothing says that she came: noting it as kept, moving it or calling it off ends it",
            ),
            Self::OptedOut
            | Self::LetterFailed
            | Self::LetterUnknown
            | Self::LetterLapsed
            | Self::NotBooked
            | Self::Silent
            | Self::ProtocolStep
            | Self::ReviewPlan
            | Self::HandOver
            | Self::ProtocolEnded
            | Self::Hold
            | Self::UnusualVolume
            | Self::FewLetters
            | Self::ZonesChanged
            | Self::ReadAnswer
            | Self::CallRequested
            | Self::DuplicateSuspected
            | Self::AfterDeath
            | Self::DeathSuspected
            | Self::SheWrote
            | Self::AfterAlert
            | Self::BaselineMissing
            | Self::NotAsked
            | Self::DeathInQuestion => None,
        }
    }

    /// What alone ends a task of this kind while it is so: closing it by hand is refused, because nothing would be done by it
    /// and nobody would be asked again before the next form. `None` where a person may say that it is done.
    #[must_use]
    pub const fn ends_once(self) -> Option<&'static str> {
        match self {
            Self::BaselineMissing => Some("a doctor or lead has confirmed what she had before"),
            Self::LinkLocked => Some("her forms are unlocked"),
            Self::Missed => Some("the date is noted as kept, moved or called off"),
            Self::DeathSuspected => Some("her death is recorded, or somebody lets letters to her go on"),
            _ => None,
        }
    }

    /// Whether somebody must speak with her for it: what a rehearsal counts as a call.
    #[must_use]
    pub const fn is_call(self) -> bool {
        matches!(
            self,
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
                | Self::Unreachable
                | Self::LinkLocked
                | Self::CallRequested
                | Self::SheWrote
                | Self::BaselineMissing
                | Self::NotAsked
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_word() {
        for kind in TaskKind::ALL {
            assert_eq!(TaskKind::parse(kind.word()), Some(kind));
        }
    }
}
