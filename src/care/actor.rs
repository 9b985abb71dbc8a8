//! Who changes something. The words stand in the audit and beside what somebody did; the names are those of accounts and of
//! users of the machine, never a patient's.

use std::fmt;

/// Who made a change, as the audit records it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The daemon's own steps.
    Daemon,
    /// A patient, or whoever holds her link.
    Patient,
    /// Somebody at the console who has not signed in.
    Visitor,
    /// A user of the machine, at the command line.
    Operator(String),
    /// A signed-in account of the clinic.
    Staff(String),
}

impl Actor {
    /// Parses the word; `None` for what no version of this program wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match (word, word.split_once(':')) {
            ("daemon", _) => Some(Self::Daemon),
            ("patient", _) => Some(Self::Patient),
            ("visitor", _) => Some(Self::Visitor),
            (_, Some(("cli", name))) => Some(Self::Operator(name.to_owned())),
            (_, Some(("staff", name))) => Some(Self::Staff(name.to_owned())),
            _ => None,
        }
    }

    /// The word as stored: `daemon`, `patient`, `visitor`, `cli:NAME` or `staff:NAME`.
    #[must_use]
    pub fn word(&self) -> String {
        self.to_string()
    }

    /// What a colleague calls it: the name alone, where there is one.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Daemon => "daemon",
            Self::Patient => "patient",
            Self::Visitor => "visitor",
            Self::Operator(name) | Self::Staff(name) => name,
        }
    }

    /// Whether a person of the clinic acts, with an account or at the machine.
    #[must_use]
    pub const fn is_clinic(&self) -> bool {
        matches!(self, Self::Operator(_) | Self::Staff(_))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daemon | Self::Patient | Self::Visitor => f.write_str(self.name()),
            Self::Operator(name) => write!(f, "cli:{name}"),
            Self::Staff(name) => write!(f, "staff:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back_as_it_was_written() {
        for word in ["daemon", "patient", "visitor", "cli:root", "cli:a:b", "staff:nora", "staff:"] {
            assert_eq!(Actor::parse(word).map(|actor| actor.word()).as_deref(), Some(word));
        }
        assert_eq!(Actor::parse("nora"), None);
    }
}
