//! What a person reads of a message: plain text, without what could hide in it, of a size a page can show.

use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use crate::mail::inbound::encoding;

/// The longest text kept, in characters.
pub(in crate::mail::inbound) const LONGEST: usize = 8_000;
/// The longest subject kept.
const LONGEST_LINE: usize = 200;
/// The longest identifier repeated in a header (RFC 5322 §2.1.1 leaves room for its name).
const LONGEST_ID: usize = 250;

/// The words a reader would see first; HTML as plain text.
pub(in crate::mail::inbound) fn words_of(message: &Message<'_>) -> String {
    let mut text = String::new();
    for part in message.text_bodies() {
        if matches!(
            crate::mail::inbound::text::subtype(part).as_str(),
            "calendar" | "rfc822-headers" | "delivery-status"
        ) {
            continue;
        }
        match &part.body {
            PartType::Text(words) => text.push_str(&encoding::in_letters(message, part, words)),
            PartType::Html(html) => text.push_str(&html_to_text(&encoding::in_letters(message, part, html))),
            _ => {}
        }
        text.push('\n');
    }
    text
}

/// Those words, and a line about what cannot be shown beside them.
pub(in crate::mail::inbound) fn text_of(message: &Message<'_>) -> String {
    let mut text = words_of(message);
    let files = message.attachments().filter(|part| is_file(part)).count();
    if files > 0 {
        text.push_str(&format!("\n\n({files} attached, to be seen in the mailbox only)"));
    } else if text.trim().is_empty() && message.parts.len() > 1 {
        text.push_str("(no words that can be shown here: look into the mailbox)");
    }
    if let Some(name) = encoding::unread(message) {
        text.push_str(&format!(
            "\n\n(its words are in the encoding {name}, which cannot be read here: look into the mailbox)"
        ));
    }
    clean(&text)
}

/// Whether a part is something she attached: a picture, a file, a voice.
fn is_file(part: &mail_parser::MessagePart<'_>) -> bool {
    matches!(part.body, PartType::Binary(_))
        && !matches!(
            crate::mail::inbound::text::subtype(part).as_str(),
            "ics" | "pgp-signature" | "pkcs7-signature"
        )
}

/// Without control characters but line ends, without marks that turn the reading direction, at most three line ends in a row.
pub(in crate::mail::inbound) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * LONGEST));
    let mut count = 0;
    let mut breaks = 0;
    for c in text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| *c == '\n' || !is_hidden(*c)) {
        breaks = if c == '\n' { breaks + 1 } else { 0 };
        if breaks > 3 {
            continue;
        }
        if count == LONGEST {
            out.push_str("\n… (cut here)");
            break;
        }
        out.push(c);
        count += 1;
    }
    out.trim().to_owned()
}

/// The text on one line, without control characters.
pub(in crate::mail::inbound) fn clean_line(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { ' ' } else { c })
        .take(LONGEST_LINE)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Whether an identifier can be repeated in a header as it is.
pub(in crate::mail::inbound) fn fits_header(id: &str) -> bool {
    let good = |b: u8| b.is_ascii_graphic() && !b"<>\"\\()".contains(&b);
    (3..=LONGEST_ID).contains(&id.len()) && id.contains('@') && id.bytes().all(good)
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

pub(in crate::mail::inbound) fn subtype(part: &MessagePart<'_>) -> String {
    let kind = part.content_type().and_then(|kind| kind.c_subtype.as_deref());
    kind.unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_what_staff_read() {
        assert_eq!(clean("a\u{202e}b\r\n\u{7}c\n\n\n\n\n\nd"), "ab\nc\n\n\nd");
        assert_eq!(clean(&"ä".repeat(9_000)).chars().count(), LONGEST + "\n… (cut here)".chars().count());
        assert_eq!(clean_line("a\r\nBcc: x"), "a  Bcc: x");
    }

    #[test]
    fn bytes_without_a_charset_are_read_as_old_programs_write_them() {
        for head in [
            "",
            "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: 8bit\n",
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: 8bit\n",
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n",
        ] {
            let raw = [head.as_bytes(), b"Subject: x\n\nMi esposa falleci\xf3 ayer\n"].concat();
            let message = mail_parser::MessageParser::default().parse(&raw).unwrap();
            assert_eq!(words_of(&message).trim(), "Mi esposa falleció ayer", "{head}");
        }
    }

    #[test]
    fn only_a_plain_identifier_goes_into_a_header() {
        assert!(fits_header("a.b-1@mail.example"));
        for bad in ["", "a", "a b@c", "a@b\r\nBcc: x", "<a@b>", "é@b"] {
            assert!(!fits_header(bad), "{bad}");
        }
    }
}
