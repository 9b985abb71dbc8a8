//! A letter as bytes: the same [`Outgoing`] always gives the same message, so that `replay` can prove what was sent.

use std::sync::OnceLock;
use std::time::SystemTime;

use lettre::Address;
use lettre::message::header::{Date, From, HeaderName, HeaderValue, Headers, ReplyTo, To};
use lettre::message::{Mailbox, Mailboxes};
use sha2::{Digest, Sha256};

use super::transfer_encoding;
use crate::care::address::EmailAddress;
use crate::mail::dkim::signer::DkimSigner;
use crate::ports::{Outgoing, OutgoingMessage};

/// The longest display name worth sending.
const LONGEST_NAME: usize = 200;

/// Writes the message: multipart/alternative of text, HTML and, for booked visits, the calendar part (RFC 6047). Pure
/// ASCII, lines of at most 998 bytes ending in CRLF, nothing random, nothing read from a clock.
#[must_use]
pub fn format(outgoing: &Outgoing) -> Vec<u8> {
    let boundary = boundary(&outgoing.message_id);
    let mut out = head(outgoing, &boundary).to_string().into_bytes();
    let letter = &outgoing.letter;
    part(&mut out, &boundary, "text/plain; charset=utf-8", &letter.text);
    part(&mut out, &boundary, "text/html; charset=utf-8", &letter.html);
    if let Some(calendar) = &letter.calendar {
        let method = method(&calendar.method);
        let content_type = format!("text/calendar; charset=utf-8; method={method}");
        part(&mut out, &boundary, &content_type, &calendar.ics);
    }
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    out
}

/// The letter's message, written at the first call.
pub fn message(outgoing: &Outgoing) -> &OutgoingMessage {
    outgoing.wire.get_or_write(|| {
        let bytes = format(outgoing);
        OutgoingMessage { digest: digest(&bytes), bytes, signature: OnceLock::new() }
    })
}

/// The `DKIM-Signature` field that goes before the letter's message, made at the first call; empty without a signer. It is dated
/// as the letter is, so that a second copy is signed word for word like the first.
pub(in crate::mail) fn signature<'a>(outgoing: &'a Outgoing, signer: Option<&DkimSigner>) -> &'a str {
    let Some(signer) = signer else { return "" };
    let message = message(outgoing);
    message.signature.get_or_init(|| signer.field(&message.bytes, outgoing.date))
}

/// SHA-256 over a letter as its message leaves.
#[must_use]
pub fn digest_of(outgoing: &Outgoing) -> [u8; 32] {
    message(outgoing).digest
}

/// SHA-256 over the message.
#[must_use]
pub fn digest(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}

fn part(out: &mut Vec<u8>, boundary: &str, content_type: &str, words: &str) {
    // The empty line before the boundary belongs to the boundary (RFC 2046 §5.1.1), so the words keep their own end.
    let head = format!("\r\n--{boundary}\r\nContent-Type: {content_type}\r\n");
    out.extend_from_slice(head.as_bytes());
    transfer_encoding::append(words, out);
}

fn head(outgoing: &Outgoing, boundary: &str) -> Headers {
    let mut headers = Headers::new();
    let id: String =
        outgoing.message_id.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect();
    headers.insert_raw(HeaderValue::new(MESSAGE_ID, format!("<{id}>")));
    headers.set(Date::new(SystemTime::from(outgoing.date.max(jiff::Timestamp::UNIX_EPOCH))));
    addresses(&mut headers, outgoing);
    text(&mut headers, SUBJECT, &outgoing.letter.subject);
    // An answer says that it is one (RFC 3834 §3.1.7).
    if !outgoing.headers.iter().any(|(name, _)| *name == "Auto-Submitted") {
        text(&mut headers, AUTO_SUBMITTED, "auto-generated");
    }
    text(&mut headers, SUPPRESS, "All");
    if let Some(target) = &outgoing.unsubscribe {
        let target: String = target.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect();
        text(&mut headers, LIST_UNSUBSCRIBE, &format!("<{target}>"));
        text(&mut headers, LIST_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click");
    }
    text(&mut headers, CONTENT_LANGUAGE, &outgoing.letter.language);
    further(&mut headers, outgoing);
    text(&mut headers, MIME_VERSION, "1.0");
    text(&mut headers, CONTENT_TYPE, &format!("multipart/alternative; boundary=\"{boundary}\""));
    headers
}

fn addresses(headers: &mut Headers, outgoing: &Outgoing) {
    let (name, address) = &outgoing.from;
    let name = clean(&name.chars().take(LONGEST_NAME).collect::<String>());
    headers.set(From::from(mailbox(Some(name).filter(|name| !name.is_empty()), address)));
    if let Some(address) = &outgoing.reply_to {
        headers.set(ReplyTo::from(mailbox(None, address)));
    }
    headers.set(To::from(mailbox(None, &outgoing.to)));
}

fn mailbox(name: Option<String>, address: &EmailAddress) -> Mailboxes {
    // `EmailAddress` is stricter than lettre's own check, which could only fail where it must not.
    let (local, domain) = address.expose().split_once('@').unwrap_or_default();
    Mailbox::new(name, Address::new_dangerous(local, domain)).into()
}

fn further(headers: &mut Headers, outgoing: &Outgoing) {
    for (name, value) in &outgoing.headers {
        match HeaderName::new_from_ascii((*name).to_owned()) {
            Ok(name) => text(headers, name, value),
            Err(_) => tracing::error!(header = name, "header name is not valid; left out"),
        }
    }
}

fn text(headers: &mut Headers, name: HeaderName, value: &str) {
    headers.insert_raw(HeaderValue::new(name, clean(value)));
}

/// Without what could end a header line or turn the reading direction of what surrounds it: control characters, line and
/// paragraph separators, bidirectional marks. lettre panics on some of them in names.
fn clean(words: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    words.chars().map(|c| if hidden(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn method(words: &str) -> &str {
    let good = !words.is_empty() && words.bytes().all(|b| b.is_ascii_alphabetic());
    if good { words } else { "PUBLISH" }
}

/// Never inside the words: `=_` cannot come out of quoted-printable, and nobody can guess the digest's digits.
fn boundary(message_id: &str) -> String {
    let digest = Sha256::digest(message_id.as_bytes());
    let digits = data_encoding::HEXLOWER.encode(digest.get(..12).unwrap_or_default());
    format!("=_aftercare_{digits}")
}

const MESSAGE_ID: HeaderName = HeaderName::new_from_ascii_str("Message-ID");
const SUBJECT: HeaderName = HeaderName::new_from_ascii_str("Subject");
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
const SUPPRESS: HeaderName = HeaderName::new_from_ascii_str("X-Auto-Response-Suppress");
const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
const LIST_UNSUBSCRIBE_POST: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
const CONTENT_LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");
const MIME_VERSION: HeaderName = HeaderName::new_from_ascii_str("MIME-Version");
const CONTENT_TYPE: HeaderName = HeaderName::new_from_ascii_str("Content-Type");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::content::CalendarPart;
    use crate::mail::tests::{address, letter};
    use mail_parser::{MessageParser, MimeHeaders};
    use proptest::prelude::*;

    fn text_of(outgoing: &Outgoing) -> String {
        String::from_utf8(format(outgoing)).unwrap()
    }

    fn names(text: &str) -> Vec<String> {
        let message = MessageParser::default().parse(text.as_bytes()).unwrap();
        message.headers().iter().map(|header| header.name().to_owned()).collect()
    }

    #[test]
    fn a_letter_has_exactly_the_promised_headers() {
        let outgoing = Outgoing {
            reply_to: Some(address("desk@clinic.example")),
            headers: vec![("X-Aftercare-Test", "watermark".to_owned()), ("Bad Name", "x".to_owned())],
            ..letter()
        };
        let text = text_of(&outgoing);
        for line in [
            "Message-ID: <d-1.abc@clinic.example>",
            "Date: Mon, 23 Nov 2026 09:00:00 +0000",
            "From: Clinic <post@clinic.example>",
            "Reply-To: desk@clinic.example",
            "To: maria.lopez@home.example",
            "Subject: A note from your clinic",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "List-Unsubscribe: <https://clinic.example/o/TOKEN>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Content-Language: en",
            "X-Aftercare-Test: watermark",
            "MIME-Version: 1.0",
        ] {
            assert!(text.split("\r\n").any(|found| found == line), "{line} in {text}");
        }
        assert_eq!(names(&text).len(), 14);
        assert!(!text_of(&Outgoing { unsubscribe: None, ..letter() }).contains("List-Unsubscribe"));
    }

    #[test]
    fn the_parts_come_in_order_with_the_calendar_last() {
        let mut outgoing = letter();
        let ics = "BEGIN:VCALENDAR\r\nSUMMARY:Visita — mañana\r\nEND:VCALENDAR\r\n".to_owned();
        outgoing.letter.calendar = Some(CalendarPart { method: "CANCEL".to_owned(), ics: ics.clone() });
        let text = text_of(&outgoing);
        let message = MessageParser::default().parse(text.as_bytes()).unwrap();
        let kinds: Vec<_> =
            message.parts.iter().map(|p| p.content_type().unwrap().c_subtype.clone().unwrap()).collect();
        assert_eq!(kinds, ["alternative", "plain", "html", "calendar"]);
        let calendar = message.parts.last().unwrap();
        assert_eq!(calendar.content_type().unwrap().attribute("method"), Some("CANCEL"));
        assert_eq!(calendar.contents(), ics.as_bytes());
        assert_eq!(message.body_text(0).unwrap(), "Hello.\r\n.\r\nBye.\r\n");
    }

    #[test]
    fn the_method_cannot_carry_anything_else() {
        for words in ["", "REQUEST; x=y", "REQUEST\r\nBcc: a@b.example"] {
            assert_eq!(method(words), "PUBLISH", "{words:?}");
        }
    }

    #[test]
    fn names_from_anywhere_inject_no_header() {
        let bare = names(&text_of(&letter()));
        for name in [
            "Clinic\r\nBcc: evil@evil.example",
            "Clinic\0\n\tX: y",
            "\u{202e}cinilC\u{2066}",
            "Klinik 🌻 München",
            "مركز الرعاية",
            "\"Dr.\" <a@b.example>, \\x",
            "a\u{2028}b\u{85}c\u{7f}\u{1b}[31m",
            "",
            " \r\n ",
            &"long ñ ".repeat(300),
        ] {
            let mut outgoing = letter();
            outgoing.from.0 = name.to_owned();
            outgoing.letter.subject = name.to_owned();
            outgoing.unsubscribe = Some(format!("https://x.example/{name}"));
            let text = text_of(&outgoing);
            assert_eq!(names(&text), bare, "{name:?}");
            let message = MessageParser::default().parse(text.as_bytes()).unwrap();
            let from = message.from().unwrap().first().unwrap();
            assert_eq!(from.address.as_deref(), Some("post@clinic.example"), "{name:?}");
            assert_eq!(message.from().unwrap().iter().count(), 1, "{name:?}");
        }
    }

    #[test]
    fn a_name_beyond_ascii_is_read_back() {
        let mut outgoing = letter();
        outgoing.from.0 = "Clínica 🌻 Señora".to_owned();
        outgoing.letter.subject = "Una nota de su clínica".to_owned();
        let text = text_of(&outgoing);
        let message = MessageParser::default().parse(text.as_bytes()).unwrap();
        assert_eq!(message.from().unwrap().first().unwrap().name.as_deref(), Some("Clínica 🌻 Señora"));
        assert_eq!(message.subject(), Some("Una nota de su clínica"));
    }

    #[test]
    fn the_same_letter_is_the_same_bytes_and_another_id_another_boundary() {
        assert_eq!(format(&letter()), format(&letter()));
        assert_eq!(digest(&format(&letter())), digest(&format(&letter())));
        let other = Outgoing { message_id: "d-2.abc@clinic.example".to_owned(), ..letter() };
        assert_ne!(boundary(&other.message_id), boundary(&letter().message_id));
    }

    proptest! {
        #[test]
        fn whatever_the_words_the_wire_is_seven_bit_and_short(name: String, subject: String, html: String, local in "[a-z0-9.+=_!#$%&'*/?^`{|}~-]{1,64}") {
            let mut outgoing = letter();
            outgoing.from.0 = name;
            outgoing.letter.subject = subject;
            outgoing.letter.html = html;
            if let Ok(to) = EmailAddress::parse(&format!("{local}@home.example")) {
                outgoing.to = to;
            }
            let text = text_of(&outgoing);
            prop_assert!(text.is_ascii());
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
            let message = MessageParser::default().parse(text.as_bytes()).unwrap();
            prop_assert_eq!(message.to().unwrap().first().unwrap().address.as_deref(), Some(outgoing.to.expose()));
            prop_assert_eq!(message.parts.len(), 3);
        }
    }
}
