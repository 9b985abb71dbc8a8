//! Words in the encodings of other countries (RFC 2045 §5): by the names that programs give them, and by what they cannot hide. Of
//! words in an encoding that nobody here knows staff read its name.

use std::borrow::Cow;

use encoding_rs::{Encoding as Letters, ISO_2022_JP, REPLACEMENT, UTF_8, WINDOWS_1252};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

/// Names that programs write beside those that are registered, each with the one that is.
const NAMES: [(&str, &str); 28] = [
    ("cp932", "shift_jis"),
    ("ms932", "shift_jis"),
    ("x-ms-cp932", "shift_jis"),
    ("windows-932", "shift_jis"),
    ("cp50220", "iso-2022-jp"),
    ("cp50221", "iso-2022-jp"),
    ("cp50222", "iso-2022-jp"),
    ("iso-2022-jp-1", "iso-2022-jp"),
    ("iso-2022-jp-2", "iso-2022-jp"),
    ("iso-2022-jp-3", "iso-2022-jp"),
    ("iso-2022-jp-ms", "iso-2022-jp"),
    ("eucjp", "euc-jp"),
    ("eucjp-ms", "euc-jp"),
    ("eucjp-win", "euc-jp"),
    ("cp51932", "euc-jp"),
    ("euckr", "euc-kr"),
    ("cp949", "euc-kr"),
    ("ms949", "euc-kr"),
    ("uhc", "euc-kr"),
    ("x-windows-949", "euc-kr"),
    ("ks_c_5601", "euc-kr"),
    ("euc-cn", "gbk"),
    ("x-euc-cn", "gbk"),
    ("ms936", "gbk"),
    ("windows-936", "gbk"),
    ("cp950", "big5"),
    ("windows-950", "big5"),
    ("cp874", "windows-874"),
];
/// Names that say nothing.
const NAMELESS: [&str; 10] = [
    "",
    "us-ascii",
    "ascii",
    "unknown",
    "unknown-8bit",
    "x-unknown",
    "x-user-defined",
    "default",
    "8bit",
    "binary",
];
/// How a Japanese double byte begins in seven bits (RFC 1468), whatever the encoding is called.
const ESCAPES: [&[u8]; 2] = [b"\x1b$B", b"\x1b$@"];
/// The longest name that is shown.
const LONGEST_NAME: usize = 40;

/// The words of a part. Bytes that its encoding does not know, because it names none or a wrong one, are read as windows-1252, as
/// old programs write.
pub(in crate::mail::inbound) fn in_letters<'w>(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    words: &'w str,
) -> Cow<'w, str> {
    let name = name(part);
    let known = letters(&name);
    let Some(bytes) = bytes(message, part) else { return Cow::Borrowed(words) };
    let is_japanese = ESCAPES.iter().any(|sign| bytes.windows(sign.len()).any(|at| at == *sign));
    match known {
        _ if is_japanese && known != Some(ISO_2022_JP) => decoded(ISO_2022_JP, &bytes),
        Some(letters) if letters == REPLACEMENT => Cow::Borrowed(""),
        // The parser does not know the name.
        Some(letters) if letters != UTF_8 && charset_decoder(name.as_bytes()).is_none() => {
            decoded(letters, &bytes)
        }
        // One letter that is broken breaks no other.
        Some(letters) if letters != UTF_8 && !letters.is_single_byte() => Cow::Borrowed(words),
        _ if words.contains(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(&bytes).is_err() => {
            decoded(WINDOWS_1252, &bytes)
        }
        _ => Cow::Borrowed(words),
    }
}

/// The name of the encoding of words that cannot be read here.
pub(in crate::mail::inbound) fn unread(message: &Message<'_>) -> Option<String> {
    message.text_bodies().find_map(|part| {
        if !matches!(part.body, PartType::Text(_) | PartType::Html(_)) {
            return None;
        }
        let name = name(part);
        let is_unread = match letters(&name) {
            Some(letters) => letters == REPLACEMENT,
            None if NAMELESS.contains(&name.as_str()) || charset_decoder(name.as_bytes()).is_some() => false,
            None => std::str::from_utf8(&bytes(message, part)?).is_err(),
        };
        is_unread.then(|| name.chars().filter(char::is_ascii_graphic).take(LONGEST_NAME).collect())
    })
}

fn decoded<'w>(letters: &'static Letters, bytes: &[u8]) -> Cow<'w, str> {
    Cow::Owned(letters.decode_without_bom_handling(bytes).0.into_owned())
}

/// What the part calls its encoding, in lower case.
fn name(part: &MessagePart<'_>) -> String {
    let name = part.content_type().and_then(|kind| kind.attribute("charset"));
    name.unwrap_or_default().trim().trim_matches(['"', '\'']).to_ascii_lowercase()
}

fn letters(name: &str) -> Option<&'static Letters> {
    if NAMELESS.contains(&name) {
        return None;
    }
    let registered = NAMES.iter().find(|(own, _)| *own == name).map_or(name, |(_, registered)| registered);
    // RFC 1345 writes some with one sign, some with the other.
    Letters::for_label(registered.as_bytes())
        .or_else(|| Letters::for_label(registered.replace('_', "-").as_bytes()))
}

/// The bytes of the words.
fn bytes(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let span = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let bytes = message.raw_message.get(span)?;
    match part.encoding {
        Encoding::None => Some(bytes.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
        Encoding::Base64 => base64_decode(bytes),
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;
    use crate::care::inbound::{Content, Inbound, ReaderNews};
    use crate::mail::inbound::read::read;

    const JAPANESE: &str = "母は先週亡くなりました。";
    const CHINESE: &str = "我妈妈上周去世了。";
    const TAIWANESE: &str = "我媽媽上週去世了。";
    const KOREAN: &str = "어머니가 지난주에 돌아가셨습니다";
    const THAI: &str = "คุณแม่เสียชีวิตแล้ว";

    /// Each name with how its words are written, and words in it.
    const LABELS: &[(&str, &str, &str)] = &[
        ("ISO-2022-JP", "iso-2022-jp", JAPANESE),
        ("iso-2022-jp-ms", "iso-2022-jp", JAPANESE),
        ("cp50220", "iso-2022-jp", JAPANESE),
        ("us-ascii", "iso-2022-jp", JAPANESE),
        ("utf-8", "iso-2022-jp", JAPANESE),
        ("Shift_JIS", "shift_jis", JAPANESE),
        ("shift-jis", "shift_jis", JAPANESE),
        ("x-sjis", "shift_jis", JAPANESE),
        ("windows-31j", "shift_jis", JAPANESE),
        ("cp932", "shift_jis", JAPANESE),
        ("EUC-JP", "euc-jp", JAPANESE),
        ("eucJP", "euc-jp", JAPANESE),
        ("EUC-KR", "euc-kr", KOREAN),
        ("ks_c_5601-1987", "euc-kr", KOREAN),
        ("cp949", "euc-kr", KOREAN),
        ("gb2312", "gbk", CHINESE),
        ("GBK", "gbk", CHINESE),
        ("x-gbk", "gbk", CHINESE),
        ("cp936", "gbk", CHINESE),
        ("gb18030", "gb18030", CHINESE),
        ("Big5", "big5", TAIWANESE),
        ("big5-hkscs", "big5", TAIWANESE),
        ("cp950", "big5", TAIWANESE),
        ("windows-874", "windows-874", THAI),
        ("tis-620", "windows-874", THAI),
        ("iso-8859-11", "windows-874", THAI),
        ("utf-8", "utf-8", JAPANESE),
    ];

    fn message(label: &str, bytes: &[u8], is_base64: bool) -> Inbound {
        let head = "From: her@home.example\nTo: care@clinic.example\nSubject: x\nMIME-Version: 1.0\n";
        let how = if is_base64 { "base64" } else { "8bit" };
        let kind =
            format!("Content-Type: text/plain; charset=\"{label}\"\nContent-Transfer-Encoding: {how}\n\n");
        let body = if is_base64 { BASE64.encode(bytes).into_bytes() } else { bytes.to_vec() };
        read(&[head.as_bytes(), kind.as_bytes(), &body, b"\n"].concat()).remove(0)
    }

    #[test]
    fn words_of_each_encoding_are_read_by_every_name_it_goes_by() {
        for (label, encoding, words) in LABELS {
            let (bytes, _, is_torn) = Letters::for_label(encoding.as_bytes()).unwrap().encode(words);
            assert!(!is_torn, "{label}");
            for is_base64 in [false, true] {
                let note = message(label, &bytes, is_base64).note;
                assert_eq!(
                    (note.text.as_str(), note.has_unread_words),
                    (*words, false),
                    "{label} {is_base64}"
                );
            }
        }
    }

    #[test]
    fn a_death_is_heard_in_the_encodings_of_asia() {
        for (label, words) in
            [("iso-2022-jp", JAPANESE), ("gb18030", CHINESE), ("big5", TAIWANESE), ("euc-kr", KOREAN)]
        {
            let (bytes, ..) = Letters::for_label(label.as_bytes()).unwrap().encode(words);
            assert_eq!(message(label, &bytes, true).tells, Some(ReaderNews::Died), "{label}");
        }
    }

    #[test]
    fn one_broken_letter_breaks_no_other() {
        let (bytes, ..) = encoding_rs::GBK.encode(CHINESE);
        let torn = [&bytes[..], b"\xff"].concat();
        assert!(message("gbk", &torn, true).note.text.starts_with(CHINESE));
    }

    #[test]
    fn an_encoding_that_nobody_knows_is_named() {
        for (label, bytes) in [
            ("x-klingon", &b"\xf8\xd0\xff"[..]),
            ("iso-2022-kr", b"\x1b$)C\x0e3*\x0f"),
            ("hz-gb-2312", b"~{VP~}"),
        ] {
            let message = message(label, bytes, true);
            let note = message.note;
            assert!(note.has_unread_words && note.text.contains(label), "{}", note.text);
            assert_eq!(message.content, Content::Person);
        }
        for label in ["x-klingon", "unknown-8bit", "iso-8859-1"] {
            let plain = message(label, b"My legs are numb", false).note;
            assert_eq!((plain.text.as_str(), plain.has_unread_words), ("My legs are numb", false), "{label}");
        }
    }
}
