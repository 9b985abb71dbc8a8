//! Why a mailbox cannot be read, in words a person can act on.

use std::io;

use async_imap::error::Error;

use crate::mail::password::PasswordFault;
use crate::mail::server_words::without_address;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::mail::smtp::transport::deadline_stream::StreamFault;

/// Of an answer that is none: the library quotes it, and a message may stand in it.
const UNREADABLE: &str = "the server's answer cannot be read";

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

/// What the server says to a command, or else what is wrong, without anybody's address and without anything of a message.
pub(in crate::mail::imap) fn told(error: &Error) -> String {
    let words = match error {
        Error::No(text) | Error::Bad(text) => servers_words(text),
        Error::Io(error) => of_line(error),
        Error::Parse(_) => UNREADABLE.to_owned(),
        other => other.to_string(),
    };
    without_address(&words, None).chars().take(200).collect()
}

/// What became of the line. An error's own words are the library's, unless they are ours.
fn of_line(error: &io::Error) -> String {
    let ours = error.get_ref().and_then(|fault| fault.downcast_ref::<StreamFault>());
    match (ours, error.kind()) {
        (Some(ours), _) => ours.to_string(),
        (None, io::ErrorKind::InvalidData | io::ErrorKind::Other) => UNREADABLE.to_owned(),
        (None, kind) => kind.to_string(),
    }
}

/// The server's own words out of the library's, which shows its own types around them: `code: None, info: Some("…")`.
fn servers_words(text: &str) -> String {
    for opening in ["info: Some(\"", "information: Some(\""] {
        if let Some((_, rest)) = text.split_once(opening) {
            return unescaped(rest);
        }
    }
    if text.contains("code: ") { "the server gives no reason".to_owned() } else { text.to_owned() }
}

/// Up to the quotation mark that ends it, as Rust writes a text for programmers.
fn unescaped(quoted: &str) -> String {
    let (mut words, mut letters) = (String::new(), quoted.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some(plain @ ('"' | '\\' | '\'')) => words.push(plain),
                Some('u') => {
                    let digits = letters.by_ref().skip_while(|c| *c == '{').take_while(|c| *c != '}');
                    let code = u32::from_str_radix(&digits.collect::<String>(), 16).ok();
                    words.push(code.and_then(char::from_u32).unwrap_or(' '));
                }
                Some(_) | None => words.push(' '),
            },
            plain => words.push(plain),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_servers_own_words() {
        let said = "[AUTHENTICATIONFAILED] Invalid \"credentials\" für\u{7} care@riverside.example\\";
        let ways = [
            format!("code: {:?}, info: {:?}", None::<u8>, Some(said)),
            format!("outcome: Outcome {{ code: None, information: {:?} }}", Some(said)),
        ];
        for library in ways {
            assert_eq!(
                told(&Error::No(library)),
                "[AUTHENTICATIONFAILED] Invalid \"credentials\" für  <address>"
            );
        }
        assert_eq!(told(&Error::Bad("code: None, info: None".to_owned())), "the server gives no reason");
        assert_eq!(told(&Error::ConnectionLost), "connection lost");
    }

    #[test]
    fn what_the_library_quotes_of_an_answer_is_told_to_nobody() {
        let quotes = "Error(Error { input: [42, 32], code: Tag }) during parsing of \"* I bleed\"";
        let unexpected = async_imap::error::ParseError::Unexpected(quotes.to_owned());
        for error in [Error::Io(io::Error::other(quotes)), Error::Parse(unexpected)] {
            assert_eq!(told(&error), UNREADABLE);
        }
        assert_eq!(told(&Error::Io(io::ErrorKind::ConnectionReset.into())), "connection reset");
        let ours = io::Error::new(io::ErrorKind::InvalidData, StreamFault::Tangled);
        assert!(told(&Error::Io(ours)).contains("more lists"));
    }
}
