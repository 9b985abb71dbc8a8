//! Why a server refused, whom it is about, and whether waiting helps.

use crate::care::refusal::cause::Cause;

/// Whether the same letter may be taken later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permanence {
    /// The same letter may pass later.
    Temporary,
    /// It will not, unless somebody mends something.
    Lasting,
}

/// Why a server refused, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// No such mailbox, or it is not hers any more.
    UnknownMailbox,
    /// No such mail domain, or it takes no mail (RFC 7505).
    UnknownDomain,
    /// The address is no address.
    BadSyntax,
    /// The mailbox was closed or is not used any more.
    Disabled,
    /// She has moved to another address.
    Moved,
    /// The mailbox is full.
    Full,
    /// The mailbox takes too much mail just now.
    MailboxBusy,
    /// Her mailbox, or its server, does not take mail from us or like this.
    Refuses,
    /// Her mail system passes the letter round and round.
    Loop,
    /// The letter is too large.
    TooBig,
    /// What it says was taken for spam or for something harmful.
    Content,
    /// Its form was refused.
    Malformed,
    /// Our account, address, server or settings.
    Us(Cause),
    /// A server is busy or asks us to slow down.
    Busy,
    /// Greylisting: a first try is put off, and a later one is taken.
    Greylisted,
    /// A server could not be reached, or was tried until time was up.
    Unreachable,
    /// No more can be told.
    Unclear,
}

impl RefusalReason {
    /// What it is about.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::UnknownMailbox
            | Self::UnknownDomain
            | Self::BadSyntax
            | Self::Disabled
            | Self::Moved
            | Self::Full
            | Self::MailboxBusy
            | Self::Refuses
            | Self::Loop => Scope::Mailbox,
            Self::TooBig | Self::Content | Self::Malformed => Scope::Letter,
            Self::Us(_) => Scope::Us,
            Self::Busy | Self::Greylisted | Self::Unreachable | Self::Unclear => Scope::Moment,
        }
    }

    /// Whether there is no such mailbox, or it is nobody's: no letter may go there again.
    #[must_use]
    pub const fn is_dead_address(self) -> bool {
        matches!(
            self,
            Self::UnknownMailbox | Self::UnknownDomain | Self::BadSyntax | Self::Disabled | Self::Moved
        )
    }

    /// Whether it asks everybody to slow down, where waiting helps.
    #[must_use]
    pub const fn slows_all(self) -> bool {
        matches!(self, Self::Busy | Self::Us(Cause::Limit | Cause::Reputation))
    }
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Her mailbox or its domain.
    Mailbox,
    /// This one letter: its size, its form, what it says.
    Letter,
    /// Our account, address, server or settings: every letter would be refused so.
    Us,
    /// The load or the state of a server just now.
    Moment,
}
