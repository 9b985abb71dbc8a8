//! Why a mailbox cannot be read, in words a person can act on.

use async_imap::error::Error;

use crate::mail::password::PasswordFault;
use crate::mail::smtp::reply::without_address;
use crate::mail::smtp::transport::connect_error::ConnectError;

/// Why a mailbox cannot be read. Nothing of it is about a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImapFault {
    /// No connection, or none that is encrypted with whom we meant.
    // How a connection is made is one thing for both protocols; the keys to look at are these.
    #[error("{}", .0.to_string().replace("mail.smtp.", "mail.imap."))]
    Connect(ConnectError),
    /// There is nothing to sign in with.
    #[error("nothing to sign in with: {0}; hint: check mail.imap.password_credential, or mail.oauth")]
    Password(PasswordFault),
    /// The server does not let us in.
    #[error(
        "sign-in refused: {0}; hint: check mail.imap.username and the password or token; the account may need IMAP switched on"
    )]
    SignIn(String),
    /// The folder is not there, or cannot be read by numbers that last.
    #[error("the folder cannot be read: {0}; hint: check mail.imap.folder")]
    Folder(String),
    /// The connection broke or fell silent.
    #[error("the line was lost: {0}; hint: nothing, unless it lasts")]
    Lost(String),
}

impl ImapFault {
    /// Whether waiting alone will not mend it.
    #[must_use]
    pub const fn needs_a_person(&self) -> bool {
        match self {
            Self::Password(fault) => !matches!(fault, PasswordFault::IssuerAway(_)),
            Self::SignIn(_) | Self::Folder(_) => true,
            Self::Connect(fault) => matches!(
                fault,
                ConnectError::Untrusted { .. } | ConnectError::Roots(_) | ConnectError::NotLoopback(_)
            ),
            Self::Lost(_) => false,
        }
    }

    /// Of a command that went wrong for another reason than the server's no.
    pub(in crate::mail::imap) fn lost(error: &Error) -> Self {
        Self::Lost(told(error))
    }
}

/// What the library says, without anybody's address.
pub(in crate::mail::imap) fn told(error: &Error) -> String {
    without_address(&error.to_string(), None).chars().take(200).collect()
}
