//! A task is something a person must do. One closed list, so that the worklist can sort and explain each.

mod due;

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
    /// Someone used a patient's form after her death was recorded.
    AfterDeath,
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
    /// Nobody has confirmed what was there before, so nothing can be told as new.
    BaselineMissing,
    /// Nobody could read a form when hers was due, so she was not asked.
    NotAsked,
    /// Whoever came in mid-course with an import and needs a date that no letter asks for: one list.
    ImportBookings,
    /// Somebody on the alert ladder is away, and nobody is told in the place.
    LadderGap,
    /// The rules were signed in another version than the one in force: nothing is judged by them.
    RulesUnsigned,
}

impl TaskKind {
    /// Every kind there is.
    pub const ALL: [Self; 33] = [
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
        Self::DeathInQuestion,
        Self::BackupFailed,
        Self::MailRefused,
        Self::SheWrote,
        Self::AfterAlert,
        Self::RecordUnreadable,
        Self::RungUnreachable,
        Self::BaselineMissing,
        Self::NotAsked,
        Self::ImportBookings,
        Self::LadderGap,
        Self::RulesUnsigned,
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
            Self::DeathInQuestion => "death-in-question",
            Self::BackupFailed => "backup-failed",
            Self::MailRefused => "mail-refused",
            Self::SheWrote => "she-wrote",
            Self::AfterAlert => "after-alert",
            Self::RecordUnreadable => "record-unreadable",
            Self::RungUnreachable => "rung-unreachable",
            Self::BaselineMissing => "baseline-missing",
            Self::NotAsked => "not-asked",
            Self::ImportBookings => "import-bookings",
            Self::LadderGap => "ladder-gap",
            Self::RulesUnsigned => "rules-unsigned",
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
                "her status is address_bad: a new address ends it, or opted_out_email where paper or phone is agreed",
            ),
            Self::Unreachable => Some(
                "she has no address on record: an address ends it, or opted_out_email where paper or phone is agreed",
            ),
            Self::LinkLocked => {
                Some("her forms are locked: unlocking them, after you spoke with her, ends it")
            }
            Self::NoCover => {
                Some("nobody on the ladder has proved reachable: a confirmed test alert ends it")
            }
            Self::LadderGap => {
                Some("somebody on the ladder is away without a deputy: a deputy or the return ends it")
            }
            Self::RulesUnsigned => Some(
                "other rules are in force than the signed ones: a new signature, or ending the old one, ends it",
            ),
            Self::CanaryBroken => Some("the last daily test of the chain failed: the next good one ends it"),
            Self::BackupFailed => Some(
                "the nightly copy, its second place, the sent journal or a rehearsed restore fails: the next good one ends it",
            ),
            Self::MailRefused => Some("the mail server refuses us: the next letter it takes ends it"),
            Self::RecordUnreadable => Some("the record cannot be read: it ends once it can be"),
            Self::RungUnreachable => {
                Some("letters to this step of the ladder are refused: a mended address ends it")
            }
            Self::ImportBookings => Some(
                "somebody on its list has no date: booking it, or deciding otherwise on the list, ends it",
            ),
            Self::OptedOut
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
            | Self::Hold
            | Self::ReadAnswer
            | Self::CallRequested
            | Self::DuplicateSuspected
            | Self::AfterDeath
            | Self::SheWrote
            | Self::AfterAlert
            | Self::BaselineMissing
            | Self::NotAsked
            | Self::DeathInQuestion => None,
        }
    }

    /// Whether somebody must speak with her for it: what a rehearsal counts as a call.
    #[must_use]
    pub const fn is_call(self) -> bool {
        matches!(
            self,
            Self::AddressBad
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

    /// Whether a task of this kind may be put off for some days. Never one that stands for an alert or a hold, for words of a
    /// patient that nobody has read, or for a fault that keeps letters or alerts from arriving.
    #[must_use]
    pub const fn may_wait(self) -> bool {
        !matches!(
            self,
            Self::ReadAnswer
                | Self::Hold
                | Self::SheWrote
                | Self::AfterAlert
                | Self::NoCover
                | Self::CanaryBroken
                | Self::RungUnreachable
                | Self::LadderGap
                | Self::MailRefused
                | Self::RecordUnreadable
                | Self::BackupFailed
        )
    }

    /// What the person is asked to do, in one sentence.
    #[must_use]
    pub const fn ask(self) -> &'static str {
        match self {
            Self::AddressBad => {
                "Her address does not work. Ring her; record the new address, or the status opted_out_email if she is followed another way."
            }
            Self::OptedOut => "She wants no letters. Ring her and agree another way to follow up.",
            Self::LetterFailed => "A letter was refused. Read the reply, then tell her another way.",
            Self::LetterUnknown => "Nobody knows if a letter arrived. Ask her.",
            Self::LetterLapsed => "A letter came too late to be of use. Tell her another way.",
            Self::NotBooked => "She is due and nothing is booked. Book a date with her.",
            Self::Missed => "She missed a date and letters did not help. Check the record, then ring her.",
            Self::Silent => "She has not answered two checklists in a row. Ring her: silence is not health.",
            Self::ProtocolStep => "The protocol asks for a person at this point.",
            Self::ReviewPlan => {
                "Her plan changed and something now lies in the past. Decide what she still needs."
            }
            Self::HandOver => "She has left letter follow-up. Make sure that a person has taken over.",
            Self::ProtocolEnded => "Her protocol has run to its end. Decide how she is followed from here.",
            Self::Unreachable => "She cannot be written to. Complete the record or choose paper or phone.",
            Self::Hold => {
                "Letters to patients are held. Check the clock or the restored data, then close this task."
            }
            Self::ReadAnswer => "Read this answer.",
            Self::LinkLocked => "Someone failed the birth-date check five times. Ring her.",
            Self::CanaryBroken => "The daily test of the chain failed. Mend it before a patient needs it.",
            Self::NoCover => {
                "Nobody on the ladder has proved reachable. Send a test alert and acknowledge it."
            }
            Self::CallRequested => "She asked to be rung.",
            Self::DuplicateSuspected => {
                "Two records may be one person. Compare them; if so, set the one to give up to transferred."
            }
            Self::AfterDeath => {
                "Someone used her form after her death was recorded. Check the record with care: it was a carer, or it is wrong."
            }
            Self::DeathInQuestion => {
                "A colleague says that a recorded death is a mistake. Check the record; then agree on her page, or close this."
            }
            Self::BackupFailed => "A backup, its second copy, the sent journal or a rehearsal failed.",
            Self::MailRefused => {
                "The mail server refuses us, not her. Letters wait. Mend what it names; they leave by themselves then."
            }
            Self::AfterAlert => "An alert ended with something left to do. Do what it says, then close this.",
            Self::SheWrote => "She wrote to us. Read her words today and ring her.",
            Self::RecordUnreadable => {
                "A record cannot be read, so nothing is sent or asked for it. Have it mended."
            }
            Self::RungUnreachable => {
                "Letters to this step of the ladder do not arrive. Mend its address; alerts go past it until then."
            }
            Self::LadderGap => "Somebody on the ladder is away. Name a deputy under Settings.",
            Self::RulesUnsigned => "No rule judges answers. Let a doctor sign the rules, under Checklists.",
            Self::NotAsked => "She could not be asked: nobody was there to read her form. Ring her and ask.",
            Self::ImportBookings => {
                "No letter asks these patients. Book a date with each on the list, from its top."
            }
            Self::BaselineMissing => {
                "Nobody has confirmed what she had before. Go through the signs with her, one by one."
            }
        }
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
