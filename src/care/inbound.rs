//! What reaches a mailbox of ours, as values: whose letter it may be about, what it is, and whether a program may answer it.
//! Nothing of it is a verdict about how she is: a person reads her words.

use super::address::EmailAddress;

/// A message that reached a mailbox of ours, as far as a program can tell.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// What may tell whose it is.
    pub names: Names,
    /// What the message turned out to be.
    pub content: Content,
    /// What a person reads of it.
    pub note: MessageNote,
    /// What it seems to say of whoever reads her letters, beside all else.
    pub tells: Option<ReaderNews>,
}

/// What a message seems to say of whoever reads her letters. A person asks; nothing here is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderNews {
    /// That she has died, or that somebody has who may be she.
    Died,
    /// That somebody else has died.
    OtherDied,
    /// That nobody uses the mailbox any more.
    MailboxLeft,
    /// Nothing but that no more letters are wanted.
    WantsNoLetters,
    /// Among other things, perhaps, that no more letters are wanted.
    MayWantNoLetters,
    /// Something of somebody's body, though it looks as if a program wrote it.
    Signs,
    /// That somebody else reads her letters, who is no patient of ours.
    OtherReader,
    /// That she is away, and more that no program understands.
    Unclear,
}

/// What may tell whose a message is. Anyone can have written it: the reader proves each.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// What looks like the tag of a return path of ours, in lower case, the envelope's own first.
    pub tags: Vec<String>,
    /// What looks like the left side of a Message-ID of ours, in lower case.
    pub message_ids: Vec<String>,
    /// UID of the calendar entry it answers (RFC 5545).
    pub uid: Option<String>,
    /// Who it says it is from, whoever wrote first in front.
    pub from: Vec<EmailAddress>,
    /// Whose mailbox a notice says it is about, wherever it says so.
    pub about: Vec<EmailAddress>,
    /// The same as a mail server's own report says it in its own parts: what somebody writes into his words is not here.
    pub notified: Vec<EmailAddress>,
    /// Whether a server says that the mailbox that failed gets what another passes on to it.
    pub is_passed_on: bool,
    /// Whether our mail server found that it did not come from whom it says (RFC 8601).
    pub is_disowned: bool,
    /// What a notice says, mailbox by mailbox.
    pub reports: Vec<RecipientReport>,
}

/// What a notice says became of a letter on its way to one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientReport {
    /// The mailbox: as it was written to, and as it was in the end.
    pub to: Vec<EmailAddress>,
    /// What became of it there.
    pub report: NoticeReport,
}

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A delivery status notification (RFC 3464), or a server's own words for one.
    Report(NoticeReport),
    /// A server wrote about a letter in a form nobody can read but a person.
    ServerNote,
    /// Somebody called a letter unwanted (RFC 5965).
    Complaint,
    /// Her mail system asks the sender to prove that a person wrote.
    Challenge,
    /// She is away (RFC 3834).
    Absence,
    /// A receipt (RFC 8098), or what else a program says that asks nothing of anybody.
    Receipt,
    /// An answer to a calendar entry (RFC 5546).
    Invitation(Invitation),
    /// A person wrote it, or nobody can tell.
    Person,
}

/// An answer to a calendar entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitation {
    /// She says that she comes.
    Accepted,
    /// She says that she comes perhaps.
    Tentative,
    /// She does not come.
    Declined,
    /// She asks for another time (COUNTER).
    Proposed,
}

/// What a notice says of one letter, all its groups together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeReport {
    /// What became of it.
    pub fate: NoticeOutcome,
    /// Enhanced status (RFC 3463), e.g. `5.1.1`.
    pub status: Option<String>,
    /// The other server's words, without addresses.
    pub words: String,
}

/// What became of a letter, by a notice; what weighs more comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeOutcome {
    /// The server has given the letter up.
    Failed,
    /// The server still tries.
    Delayed,
    /// Delivered, relayed or expanded.
    Delivered,
}

/// What a person reads of a message. Its Debug says nothing of it (P10).
#[derive(Clone, Default)]
pub struct MessageNote {
    /// The subject, at most 200 characters.
    pub subject: String,
    /// The words as plain text, at most 8,000 characters, no control characters but line ends.
    pub text: String,
    /// Who it says it is from.
    pub sender: Option<String>,
    /// Its own Message-ID without angle brackets, if it is fit for a header.
    pub message_id: Option<String>,
    /// Why no program may answer it.
    pub signs: Vec<NoReplyReason>,
    /// Whether it speaks of somebody's body, by the signs that letters warn of: a person reads it before others.
    pub tells_of_body: bool,
    /// Whether words of it are in an encoding that cannot be read here.
    pub has_unread_words: bool,
}

impl std::fmt::Debug for MessageNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Note").field("signs", &self.signs).finish_non_exhaustive()
    }
}

/// A reason why no program may answer a message (RFC 3834 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReplyReason {
    /// Its return path is empty.
    NullPath,
    /// It says that a program sent it.
    AutoSubmitted,
    /// A mailing list carried it.
    List,
    /// It was sent to many.
    Bulk,
    /// It asks that no program answers.
    Suppressed,
    /// Its subject reads like an answering machine's.
    Subject,
    /// Nobody reads what is sent there.
    NoReply,
    /// Somebody else passed it on.
    Forwarded,
}

impl MessageNote {
    /// Whether a program may answer it.
    #[must_use]
    pub fn may_be_answered(&self) -> bool {
        self.signs.is_empty()
    }
}

/// What is kept of a message for staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A patient wrote, or somebody for her.
    Wrote,
    /// Her calendar declined an appointment.
    Declined,
    /// Her calendar took an appointment with doubt.
    Tentative,
    /// Her calendar asks for another time.
    Proposed,
    /// Her calendar took an appointment.
    Accepted,
    /// An answering machine says that she is away.
    Absence,
    /// Her mail system asks whether a person wrote.
    Challenge,
    /// A mail server wrote in a form of its own, or about no letter of ours.
    Server,
    /// Somebody wrote who cannot be told to be one patient.
    Unknown,
}

impl MessageKind {
    /// Every kind there is.
    pub const ALL: [Self; 9] = [
        Self::Wrote,
        Self::Declined,
        Self::Tentative,
        Self::Proposed,
        Self::Accepted,
        Self::Absence,
        Self::Challenge,
        Self::Server,
        Self::Unknown,
    ];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrote => "wrote",
            Self::Declined => "declined",
            Self::Tentative => "tentative",
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Absence => "absence",
            Self::Challenge => "challenge",
            Self::Server => "server",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a person must read it the same day; what asks for nothing is only kept.
    #[must_use]
    pub const fn asks_a_person(self) -> bool {
        !matches!(self, Self::Accepted | Self::Absence)
    }
}

impl From<Invitation> for MessageKind {
    fn from(answer: Invitation) -> Self {
        match answer {
            Invitation::Accepted => Self::Accepted,
            Invitation::Tentative => Self::Tentative,
            Invitation::Declined => Self::Declined,
            Invitation::Proposed => Self::Proposed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_word() {
        for kind in MessageKind::ALL {
            assert_eq!(MessageKind::parse(kind.word()), Some(kind));
        }
    }

    #[test]
    fn her_words_and_her_address_stay_out_of_debug() {
        let note = MessageNote {
            subject: "my legs".into(),
            text: "are weak".into(),
            sender: Some("ana@home.example".into()),
            ..MessageNote::default()
        };
        let shown = format!("{note:?}");
        assert!(!shown.contains("legs") && !shown.contains("weak") && !shown.contains("home"), "{shown}");
    }

    #[test]
    fn one_sign_of_a_program_is_enough_to_stay_silent() {
        assert!(MessageNote::default().may_be_answered());
        assert!(
            !MessageNote { signs: vec![NoReplyReason::List], ..MessageNote::default() }.may_be_answered()
        );
    }

    #[test]
    fn the_worst_group_of_a_report_comes_first() {
        assert!(
            NoticeOutcome::Failed < NoticeOutcome::Delayed
                && NoticeOutcome::Delayed < NoticeOutcome::Delivered
        );
    }
}
