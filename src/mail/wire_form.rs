//! A letter as it goes over the wire.

use super::mime;
use crate::care::address::EmailAddress;
use crate::care::refusal::envelope::Envelope;
use crate::mail::dkim::signer::DkimSigner;
use crate::mail::smtp::capabilities::Capabilities;
use crate::ports::Outgoing;

/// A letter ready for the dialogue.
pub(super) struct WireForm {
    /// Message-ID of the letter.
    pub(super) message_id: String,
    /// Bytes of the message and its signature.
    pub(super) size: usize,
    /// SHA-256 of the message without its signature.
    pub(super) digest: [u8; 32],
    /// Signature and message with its dots doubled and the final one.
    pub(super) body: String,
    /// Whom it is for.
    pub(super) to: EmailAddress,
    return_path: EmailAddress,
    from: EmailAddress,
    /// Its envelope went out with the letter before it; the replies are still to be read.
    pub(super) said: bool,
}

impl WireForm {
    pub(super) fn new(letter: &Outgoing, signer: Option<&DkimSigner>) -> Self {
        let (message, signature) = (mime::message(letter), mime::signature(letter, signer));
        Self {
            message_id: letter.message_id.clone(),
            size: signature.len() + message.bytes.len(),
            digest: message.digest,
            body: transparent(signature, &message.bytes),
            to: letter.to.clone(),
            return_path: letter.return_path.clone(),
            from: letter.from.1.clone(),
            said: false,
        }
    }

    /// MAIL, RCPT and DATA.
    pub(super) fn envelope(&self, offers: &Capabilities) -> [String; 3] {
        let announced = if offers.size { format!(" SIZE={}", self.size) } else { String::new() };
        [
            format!("MAIL FROM:<{}>{announced}\r\n", self.return_path.expose()),
            format!("RCPT TO:<{}>\r\n", self.to.expose()),
            "DATA\r\n".to_owned(),
        ]
    }

    /// Whom it is for and from, for reading what a server says of them.
    pub(super) fn names(&self) -> Envelope<'_> {
        let from = [Some(self.from.expose()), Some(self.return_path.expose())];
        Envelope { to: Some(self.to.expose()), from }
    }

    /// Whether the server says that it is too big.
    pub(super) fn is_too_big(&self, offers: &Capabilities) -> bool {
        offers.largest.is_some_and(|largest| u64::try_from(self.size).unwrap_or(u64::MAX) > largest)
    }
}

/// Dots doubled at line starts, the final dot added (RFC 5321 §4.5.2). Done here and sent as one command, because
/// lettre's own way goes byte by byte and needs two writes.
fn transparent(signature: &str, message: &[u8]) -> String {
    let text = message.strip_suffix(b"\r\n").unwrap_or(message);
    let mut wire = Vec::with_capacity(signature.len() + text.len() + 64);
    wire.extend_from_slice(signature.as_bytes());
    wire.extend(text.first().filter(|first| **first == b'.'));
    let mut from = 0;
    for at in memchr::memmem::find_iter(text, b"\r\n.") {
        let after = at + b"\r\n.".len();
        wire.extend_from_slice(&text[from..after]);
        wire.push(b'.');
        from = after;
    }
    wire.extend_from_slice(&text[from..]);
    wire.extend_from_slice(b"\r\n.\r\n");
    // It is ASCII throughout (mime.rs).
    String::from_utf8(wire).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_at_line_starts_are_doubled() {
        for (message, wire) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            ("\r\n.\r\nb.\r\n", "\r\n..\r\nb.\r\n.\r\n"),
            ("..a\r\n.\r\n.\r\n", "...a\r\n..\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(transparent("", message.as_bytes()), wire);
        }
    }
}
