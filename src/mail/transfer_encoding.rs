//! Text to transfer encoding: 7bit where the words allow it, else quoted-printable (RFC 2045 §6.7).
//!
//! Own code because the encoder behind lettre costs more per letter than the rest of the way to the socket.

use std::borrow::Cow;

/// RFC 5322 §2.1.1, without the line end.
const LONGEST_LINE: usize = 998;

/// RFC 2045 §6.7 rule 5, without the `=` of a soft line break.
const WIDTH: usize = 75;

/// Which bytes stand for themselves inside a line.
const LITERAL: [bool; 256] = literals();

const fn literals() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = byte != b'=';
        byte += 1;
    }
    table[b'\t' as usize] = true;
    table
}

/// Appends the `Content-Transfer-Encoding` header, the empty line and the encoded text, ending with a line end. Every
/// line end of the result is CRLF and no other CR or LF remains, so nothing in the text can look like SMTP's dot.
pub(super) fn append(text: &str, out: &mut Vec<u8>) {
    let text = with_bare_feeds(text);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    out.reserve(text.len() + text.len() / 4 + 64);
    if is_plain(text) {
        out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
        append_lines(text, out, |line, out| out.extend_from_slice(line));
    } else {
        out.extend_from_slice(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        append_lines(text, out, quote);
    }
}

fn with_bare_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_plain(text: &str) -> bool {
    let strange = |b: u8| !(b' '..=b'~').contains(&b) & (b != b'\t') & (b != b'\n');
    !any(text.as_bytes(), strange) && text.split('\n').all(|line| line.len() <= LONGEST_LINE)
}

fn append_lines(text: &str, out: &mut Vec<u8>, each: impl Fn(&[u8], &mut Vec<u8>)) {
    let text = text.as_bytes();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
        each(&text[from..end], out);
        out.extend_from_slice(b"\r\n");
        from = end + 1;
    }
}

fn quote(line: &[u8], out: &mut Vec<u8>) {
    let mut column = 0;
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        let room = WIDTH - column;
        let last_blank = after.is_empty() && matches!(byte, b' ' | b'\t');
        let run = if last_blank { 0 } else { literal_run(rest, room) };
        if run > 0 {
            out.extend_from_slice(&rest[..run]);
            (column, rest) = (column + run, &rest[run..]);
        } else if room >= 3 && (last_blank || !LITERAL[usize::from(byte)]) {
            out.extend_from_slice(&escaped(byte));
            (column, rest) = (column + 3, after);
        } else {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
    }
}

/// How many bytes can go as they are; a blank at the line's end cannot (rule 3).
fn literal_run(rest: &[u8], room: usize) -> usize {
    let window = &rest[..rest.len().min(room)];
    let mut run = 0;
    // Sixteen at a time, of which most are plain throughout; only what ends a run is looked at byte by byte.
    for block in window.chunks(16) {
        if <[u8; 16]>::try_from(block).is_ok_and(|b| !any(&b, |b| !(b' '..=b'~').contains(&b) | (b == b'=')))
        {
            run += block.len();
            continue;
        }
        let plain = block.iter().take_while(|b| LITERAL[usize::from(**b)]).count();
        run += plain;
        if plain < block.len() {
            break;
        }
    }
    let ends_blank = run == rest.len() && matches!(rest.last(), Some(b' ' | b'\t'));
    run - usize::from(ends_blank)
}

/// Whether any byte is such. Asked of all of them, with no way out half-way: so many are looked at in one step.
#[inline]
fn any(bytes: &[u8], such: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(0, |found, b| found | u8::from(such(*b))) != 0
}

fn escaped(byte: u8) -> [u8; 3] {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        let mut out = Vec::new();
        append(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_words_go_as_they_are() {
        assert_eq!(encoded("a = b\n.\nc"), "Content-Transfer-Encoding: 7bit\r\n\r\na = b\r\n.\r\nc\r\n");
        assert_eq!(encoded("a\r\nb\n"), "Content-Transfer-Encoding: 7bit\r\n\r\na\r\nb\r\n");
    }

    #[test]
    fn other_words_are_quoted() {
        for (text, want) in [
            ("ñ=", "=C3=B1=3D\r\n"),
            ("ñ \nx", "=C3=B1=20\r\nx\r\n"),
            ("\0", "=00\r\n"),
            ("a\u{7f}", "a=7F\r\n"),
        ] {
            assert_eq!(encoded(text).split_once("\r\n\r\n").unwrap().1, want, "{text:?}");
        }
    }

    #[test]
    fn a_line_too_long_for_smtp_is_broken_softly() {
        let lines = encoded(&"x".repeat(999));
        assert!(lines.contains("quoted-printable"));
        assert!(lines.split("\r\n").all(|line| line.len() <= 76));
    }

    proptest! {
        #[test]
        fn what_was_written_is_what_is_read(text in "(\\PC|[ \t=.\n\r\0]){0,300}") {
            let head = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
            let encoded = encoded(&text);
            let raw = format!("{head}{encoded}");
            let read = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
            let normal = |t: &str| t.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').to_owned();
            prop_assert_eq!(normal(&read.body_text(0).unwrap_or_default()), normal(&text));
            prop_assert!(encoded.is_ascii());
            prop_assert!(encoded.split("\r\n").all(|l| l.len() <= 998 && !l.contains(['\r', '\n'])));
        }
    }
}
