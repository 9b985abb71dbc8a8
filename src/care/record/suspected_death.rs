//! Somebody or something says that she may have died, and nobody has found out yet: why letters to her wait, and what everybody
//! must know who is asked something about her meanwhile.

/// How it was told that she may have died. It stands on record beside her pause and tells it from any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspectedDeath {
    /// A message with a mark of ours says so, or a mail server does of her mailbox.
    Message,
    /// A message says so of which nothing but an address tells who wrote it.
    Address,
    /// Another record with her name and birth date is that of a woman who has died.
    Alike,
    /// Letters to her wait without a last day, and why is lost: only what an earlier version wrote into the sent journal is left.
    Untold,
}

impl SuspectedDeath {
    /// Every way in which it is told.
    pub const ALL: [Self; 4] = [Self::Message, Self::Address, Self::Alike, Self::Untold];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Address => "address",
            Self::Alike => "alike",
            Self::Untold => "untold",
        }
    }

    /// The value of that word; `None` for one that no version wrote.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.word() == word)
    }

    /// The reason of the pause, as those read it who must find out. Nothing is read from it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Message => "a message says that she may have died: ask with care before letters go on",
            Self::Address => {
                "a message from the address on record says that she may have died: ask with care before letters go on"
            }
            Self::Alike => {
                "a record with the same name and birth date is that of a woman who has died: ask with care before letters go on"
            }
            Self::Untold => {
                "why letters to her were paused is lost, and she may have died: ask with care before letters go on"
            }
        }
    }

    /// What earlier versions meant by the reason of a pause, which was all that they wrote: a database of theirs is read so beside
    /// which a backup is restored. `None` for the reason of any other pause.
    #[must_use]
    pub fn meant_by(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| reason.ends_with(told.reason()))
    }
}

/// What stands with everything else that a person is asked about her meanwhile.
pub const CAUTION: &str =
    "She may have died: ask her doctor, or whoever told us, before anybody rings or writes.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_known_again_and_so_is_what_earlier_versions_wrote() {
        for told in SuspectedDeath::ALL {
            assert_eq!(SuspectedDeath::parse(told.word()), Some(told));
            assert_eq!(SuspectedDeath::meant_by(told.reason()), Some(told));
        }
        let carried = format!("recorded before a backup was restored: {}", SuspectedDeath::Alike.reason());
        assert_eq!(SuspectedDeath::meant_by(&carried), Some(SuspectedDeath::Alike));
        assert_eq!(SuspectedDeath::meant_by("admitted to hospital"), None);
    }
}
