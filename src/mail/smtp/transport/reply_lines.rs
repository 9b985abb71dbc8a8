//! Replies as lettre can read them. Its parser takes only the strictest form, and calls everything else no reply: a letter whose
//! final dot was answered in another would be in doubt, and sent twice. Servers say replies without words (RFC 5321 §4.2 allows
//! the bare code), in another character set, with lines too long, and, against §4.2.1, with another code in each line.

use crate::care::refusal::status;

/// Bytes of words in one line; lettre takes a thousand (RFC 5321 §4.5.3.1.5 allows half of it).
const LONGEST: usize = 800;
/// Bytes of a reply that has no end: what is no reply any more is handed on as it came, and refused there.
const MOST: usize = 64 * 1024;

/// What comes in, line by line, and what of it may be read.
#[derive(Debug, Default)]
pub(in crate::mail) struct ReplyLines {
    incoming: Vec<u8>,
    /// The lines of a reply whose last line has not come yet.
    begun: Vec<Line>,
    /// Bytes taken in since the last whole reply.
    pending: usize,
}

/// A line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    code: u16,
    is_last: bool,
    words: String,
}

impl ReplyLines {
    /// Takes bytes in; gives those of the replies that are now whole.
    pub(in crate::mail) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.incoming.extend_from_slice(bytes);
        self.pending += bytes.len();
        let mut whole = Vec::new();
        while let Some(end) = memchr::memchr(b'\n', &self.incoming) {
            let line: Vec<u8> = self.incoming.drain(..=end).collect();
            whole.extend(self.next(&text(&line)));
        }
        if !whole.is_empty() {
            self.pending = self.incoming.len();
        } else if self.pending > MOST {
            self.pending = 0;
            whole = self.rest();
        }
        whole
    }

    /// What came before the connection ended, as it came.
    pub(in crate::mail) fn rest(&mut self) -> Vec<u8> {
        let begun = std::mem::take(&mut self.begun);
        [written(&begun).into_bytes(), std::mem::take(&mut self.incoming)].concat()
    }

    fn next(&mut self, text: &str) -> Vec<u8> {
        match (Line::parse(text), self.begun.first()) {
            (Some(line), _) => {
                let is_last = line.is_last;
                self.begun.push(line);
                if is_last { mended(std::mem::take(&mut self.begun)).into_bytes() } else { Vec::new() }
            }
            // A line of the words without its code.
            (None, Some(first)) => {
                let line = Line { code: first.code, is_last: false, words: text.to_owned() };
                self.begun.push(line);
                Vec::new()
            }
            (None, None) => format!("{text}\r\n").into_bytes(),
        }
    }
}

impl Line {
    /// `None` for what is no line of a reply.
    fn parse(text: &str) -> Option<Self> {
        let code: u16 =
            text.get(..3).filter(|code| code.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let mut rest = text.get(3..)?.chars();
        let is_last = match rest.next() {
            None | Some(' ' | '\t') => true,
            Some('-') => false,
            Some(_) => return None,
        };
        (200..600).contains(&code).then(|| Self { code, is_last, words: rest.as_str().trim_end().to_owned() })
    }
}

/// A line's text: UTF-8, else the characters of Western Europe (ISO 8859-1), of which each byte is one.
fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// A whole reply under one code, its enhanced code in front. One that says yes and no stays as it is: nobody knows what it means.
fn mended(mut lines: Vec<Line>) -> String {
    let Some(code) = agreed(&lines) else { return written(&lines) };
    let words = || lines.iter().map(|line| line.words.as_str()).collect::<Vec<_>>().join("\n");
    let status = if code >= 400 { status::find(code, &words()).map(str::to_owned) } else { None };
    if let (Some(status), Some(first)) = (status, lines.first_mut())
        && !first.words.starts_with(&status)
    {
        first.words = format!("{status} {}", first.words);
    }
    written(&folded(code, &lines))
}

/// The code of all lines; of several refusals the last, unless one of them says that it will pass.
fn agreed(lines: &[Line]) -> Option<u16> {
    let last = lines.last()?.code;
    let is_one = lines.iter().all(|line| line.code == last);
    let is_refusal = lines.iter().all(|line| line.code >= 400);
    let passing = lines.iter().map(|line| line.code).rfind(|code| *code < 500);
    match (is_one, is_refusal) {
        (true, false) => Some(last),
        (_, true) => Some(known(passing.unwrap_or(last))),
        (false, false) => None,
    }
}

/// A code whose second digit lettre does not know stands for its kind (RFC 5321 §4.3.2: the first digit tells).
const fn known(code: u16) -> u16 {
    if code / 10 % 10 > 5 { code / 100 * 100 + 50 } else { code }
}

/// No line longer than lettre takes.
fn folded(code: u16, lines: &[Line]) -> Vec<Line> {
    let pieces: Vec<&str> = lines.iter().flat_map(|line| pieces(&line.words)).collect();
    let count = pieces.len();
    let line =
        |(at, words): (usize, &&str)| Line { code, is_last: at + 1 == count, words: (*words).to_owned() };
    pieces.iter().enumerate().map(line).collect()
}

fn pieces(words: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while rest.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(LONGEST);
        let (head, _) = rest.split_at(cut);
        let (piece, after) = rest.split_at(head.rfind(' ').filter(|space| *space > 0).unwrap_or(cut));
        pieces.push(piece);
        rest = after.trim_start();
    }
    pieces.push(rest);
    pieces
}

fn written(lines: &[Line]) -> String {
    let sign = |line: &Line| if line.is_last { ' ' } else { '-' };
    lines.iter().map(|line| format!("{:03}{}{}\r\n", line.code, sign(line), line.words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &[u8]) -> String {
        // Byte by byte, as a slow network brings it.
        let mut lines = ReplyLines::default();
        let whole: Vec<u8> = raw.iter().flat_map(|byte| lines.take(&[*byte])).collect();
        String::from_utf8([whole, lines.rest()].concat()).unwrap()
    }

    #[test]
    fn a_reply_without_an_end_is_not_kept() {
        for endless in [&b"x"[..], b"250-more\r\n"] {
            let mut lines = ReplyLines::default();
            let mut longest = 0;
            for _ in 0..100_000 {
                drop(lines.take(endless));
                longest = longest.max(lines.incoming.len() + lines.begun.len() * endless.len());
            }
            assert!(longest <= MOST, "{longest}");
        }
        let mut lines = ReplyLines::default();
        let long = [b"250-ok\r\n".repeat(2_000), b"250 ok\r\n".to_vec()].concat();
        assert_eq!(lines.take(&long).len(), long.len(), "a long reply that ends is whole");
    }

    #[test]
    fn a_reply_in_any_form_is_read_in_the_strictest() {
        for (raw, want) in [
            (&b"250 2.0.0 queued\r\n"[..], "250 2.0.0 queued\r\n"),
            (b"250\r\n", "250 \r\n"),
            (b"550\n", "550 \r\n"),
            (b"250-2.0.0 ok\r\n250\r\n", "250-2.0.0 ok\r\n250 \r\n"),
            (b"550\t5.1.1 unknown\r\n", "550 5.1.1 unknown\r\n"),
            (b"550-5.7.1 refused\r\n554 5.7.1 spam\r\n", "554-5.7.1 refused\r\n554 5.7.1 spam\r\n"),
            (b"450-5.7.1 wait\r\n550 5.7.1 no\r\n", "450-5.7.1 wait\r\n450 5.7.1 no\r\n"),
            (b"554-mx.home.example\r\n554 5.7.26 no\r\n", "554-5.7.26 mx.home.example\r\n554 5.7.26 no\r\n"),
            (b"550-Sorry,\r\nno such\r\n550 user\r\n", "550-Sorry,\r\n550-no such\r\n550 user\r\n"),
            (b"571 refused\r\n", "550 refused\r\n"),
            (b"250 accept\xe9\r\n", "250 accept\u{e9}\r\n"),
            ("550 用户不存在\r\n".as_bytes(), "550 用户不存在\r\n"),
            (b"220 a\r\n250-b\r\n250 c\r\n", "220 a\r\n250-b\r\n250 c\r\n"),
        ] {
            assert_eq!(read(raw), want);
        }
    }

    #[test]
    fn what_says_yes_and_no_and_what_is_no_reply_stays_as_it_is() {
        for raw in [
            "250-ok\r\n550 no\r\n",
            "550-no\r\n250 ok\r\n",
            "250-ok\r\n251 ok\r\n",
            "what\r\n",
            "600 x\r\n",
            "250-cut",
        ] {
            assert_eq!(read(raw.as_bytes()), raw);
        }
        assert_eq!(read(b"250-begun\r\n"), "250-begun\r\n");
    }

    #[test]
    fn a_line_too_long_is_folded_and_nothing_of_it_is_lost() {
        for word in ["long ", "ü"] {
            let words = word.repeat(800);
            let folded = read(format!("250 {words}\r\n").as_bytes());
            assert!(folded.lines().count() > 1 && folded.lines().all(|line| line.len() < 1000));
            let joined: String = folded.lines().map(|line| &line[4..]).collect::<Vec<_>>().concat();
            assert_eq!(joined.replace(' ', ""), words.replace(' ', ""));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_bring_it_down(raw: Vec<u8>) {
            let mut lines = ReplyLines::default();
            let whole = [lines.take(&raw), lines.rest()].concat();
            proptest::prop_assert_eq!(raw.contains(&b'\n'), whole.contains(&b'\n'));
        }

        #[test]
        fn nothing_is_kept_back_and_a_clean_reply_is_unchanged(code in 200u16..560, words in "[a-z ]{0,60}[a-z]") {
            proptest::prop_assume!(code / 10 % 10 < 6);
            let raw = format!("{code} {words}\r\n");
            proptest::prop_assert_eq!(read(raw.as_bytes()), raw);
        }
    }
}
