//! What an event of the audit, or a task, is about. Ids and case codes only: the words stand in the audit for good.

use std::fmt;

use jiff::civil::Date;

use crate::care::patient::PatientId;
use crate::care::settings::setting::Setting;

/// What the word of a kind of letters comes behind.
pub const LETTER_KIND: &str = "letter-kind/";

/// What something is about. The row ids of this module become one by `into`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A patient, by her row.
    Patient(PatientId),
    /// An enrolment, by its row.
    Enrolment(i64),
    /// A follow-up, by its row.
    FollowUp(i64),
    /// A letter, by its row.
    Delivery(i64),
    /// A link, by its row.
    Link(i64),
    /// An answer, by its row.
    Response(i64),
    /// An alert, by its row.
    Alert(i64),
    /// A test alert, by its row.
    TestAlert(i64),
    /// A call to a webhook, by its row.
    Webhook(i64),
    /// What reached a mailbox of ours, by its row.
    Inbound(i64),
    /// A task, by its row.
    Task(i64),
    /// A date at the clinic, by its row.
    Appointment(i64),
    /// An import of a roster, by its row.
    Import(i64),
    /// A file that waits to be taken in, by its row.
    StagedImport(i64),
    /// An account, by its name; `-` for one that does not exist.
    Staff(String),
    /// A step of the ladder, by what it is known as.
    Rung(String),
    /// A published checklist: its name and version.
    Checklist(String, String),
    /// A published protocol: its name and version.
    Protocol(String, String),
    /// A draft of a protocol, by its row.
    ProtocolDraft(i64),
    /// A publication of a draft, by its row.
    Publication(i64),
    /// The wording of letters, by its hash.
    Wording(String),
    /// What staff word of a letter: its language, and what files call it.
    OwnWording(String, String),
    /// A kind of letters, by its word.
    LetterKind(String),
    /// Something that staff decide.
    Setting(Setting),
    /// The canary's walk of a day.
    CanaryWalk(Date),
    /// One of those that there is only one of.
    The(Singleton),
}

/// What there is only one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Singleton {
    /// The canary itself, not its walk of one day.
    Canary,
    /// The machine's clock, when a doubt about it ends.
    Clock,
    /// This database as a whole, e.g. as a restored copy.
    Database,
    /// The key beside the database that makes links and Message-IDs.
    Key,
    /// The ladder as a whole: whether anybody on it is proved reachable.
    Ladder,
    /// The mail server, when it begins or ceases to refuse us.
    MailServer,
    /// Every test alert that is open.
    TestAlerts,
    /// Letters that wait to leave.
    Outbox,
    /// Protocols as a whole, e.g. who signs them.
    Protocols,
}

impl Singleton {
    /// The word as stored.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::Clock => "clock",
            Self::Database => "database",
            Self::Key => "key",
            Self::Ladder => "ladder",
            Self::MailServer => "mail-server",
            Self::TestAlerts => "test-alerts",
            Self::Outbox => "outbox",
            Self::Protocols => "protocols",
        }
    }
}

impl Subject {
    /// The subject's own words and, after a slash, what of it: the cause of a task that is not the only one about it.
    #[must_use]
    pub fn part(&self, what: impl fmt::Display) -> String {
        format!("{self}/{what}")
    }
}

impl From<PatientId> for Subject {
    fn from(id: PatientId) -> Self {
        Self::Patient(id)
    }
}

impl From<Singleton> for Subject {
    fn from(which: Singleton) -> Self {
        Self::The(which)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patient(id) => write!(f, "patient/{}", id.0),
            Self::Enrolment(id) => write!(f, "enrolment/{id}"),
            Self::FollowUp(id) => write!(f, "follow-up/{id}"),
            Self::Delivery(id) => write!(f, "delivery/{id}"),
            Self::Link(id) => write!(f, "link/{id}"),
            Self::Response(id) => write!(f, "response/{id}"),
            Self::Alert(id) => write!(f, "alert/{id}"),
            Self::TestAlert(id) => write!(f, "test-alert/{id}"),
            Self::Webhook(id) => write!(f, "webhook/{id}"),
            Self::Inbound(id) => write!(f, "inbound/{id}"),
            Self::Task(id) => write!(f, "task/{id}"),
            Self::Appointment(id) => write!(f, "appointment/{id}"),
            Self::Import(id) => write!(f, "import/{id}"),
            Self::StagedImport(id) => write!(f, "staged-import/{id}"),
            Self::Staff(name) => write!(f, "staff/{name}"),
            Self::Rung(name) => write!(f, "rung/{name}"),
            Self::Checklist(name, version) => write!(f, "checklist/{name}/{version}"),
            Self::Protocol(name, version) => write!(f, "protocol/{name}/{version}"),
            Self::ProtocolDraft(id) => write!(f, "protocol-draft/{id}"),
            Self::Publication(id) => write!(f, "publication/{id}"),
            Self::Wording(hash) => write!(f, "wording/{hash}"),
            Self::OwnWording(language, letter) => write!(f, "own-wording/{language}/{letter}"),
            Self::LetterKind(kind) => write!(f, "{LETTER_KIND}{kind}"),
            Self::Setting(setting) => write!(f, "setting/{}", setting.word()),
            Self::CanaryWalk(day) => write!(f, "canary/{day}"),
            Self::The(which) => f.write_str(which.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_as_it_always_did() {
        assert_eq!(Subject::from(PatientId(7)).to_string(), "patient/7");
        assert_eq!(Subject::from(PatientId(7)).part("kinds"), "patient/7/kinds");
        assert_eq!(Subject::from(Singleton::Outbox).to_string(), "outbox");
    }
}
