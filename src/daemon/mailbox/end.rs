//! Why the reading of the mailbox ended, and what of it a person is told.

use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::mailbox::MailboxFault;
use crate::mail::imap::fault::ImapFault;

/// Why the mailbox is left.
#[derive(Debug, thiserror::Error)]
pub(super) enum MailboxEnd {
    /// Something is wrong with the mailbox.
    #[error(transparent)]
    Imap(#[from] ImapFault),
    /// The store could not take a message in.
    #[error(transparent)]
    Store(#[from] StepError),
}

impl MailboxEnd {
    /// The reader panicked; the log has its words.
    pub(super) fn broken() -> Self {
        Self::Imap(ImapFault::Lost("the reader of the mailbox broke".to_owned()))
    }

    /// What a person is told of: what is wrong with the mailbox, or with what its messages are about. A store that takes no change
    /// at all is told by others.
    pub(super) fn told(&self) -> Option<MailboxFault> {
        let needs_a_person = match self {
            Self::Imap(fault) => fault.needs_a_person(),
            Self::Store(fault) if fault.is_everyones() => return None,
            Self::Store(_) => true,
        };
        let told = self.to_string();
        let said = told.split("; hint: ").next().unwrap_or(&told).to_owned();
        Some(MailboxFault { said, needs_a_person })
    }
}
