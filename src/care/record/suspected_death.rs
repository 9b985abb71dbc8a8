//! Somebody or something says that she may have died, and nobody has found out yet: why letters to her wait, and what everybody
//! must know who is asked something about her meanwhile.

/// Why she may have died. Its words stand on record as the reason of a pause, and tell such a pause from any other: they never
/// change, more may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuspectedDeath {
    /// A message with a mark of ours says so, or a mail server does of her mailbox.
    Message,
    /// A message says so of which nothing but an address tells who wrote it.
    Address,
    /// Another record with her name and birth date is that of a woman who has died.
    Alike,
}

impl SuspectedDeath {
    /// Every reason there is.
    pub const ALL: [Self; 3] = [Self::Message, Self::Address, Self::Alike];

    /// The reason of the pause, as those read it who must find out.
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
        }
    }

    /// What a reason on record says of it; `None` for that of any other pause. Before it may stand where it comes from, as
    /// after a backup was restored.
    #[must_use]
    pub fn parse(reason: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| reason.ends_with(why.reason()))
    }
}

/// What stands with everything else that a person is asked about her meanwhile.
pub const CAUTION: &str =
    "She may have died: ask her doctor, or whoever told us, before anybody rings or writes.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_known_again_and_no_other_pause_is_taken_for_one() {
        for why in SuspectedDeath::ALL {
            assert_eq!(SuspectedDeath::parse(why.reason()), Some(why));
        }
        let carried = format!("recorded before a backup was restored: {}", SuspectedDeath::Alike.reason());
        assert_eq!(SuspectedDeath::parse(&carried), Some(SuspectedDeath::Alike));
        assert_eq!(SuspectedDeath::parse("admitted to hospital"), None);
    }
}
