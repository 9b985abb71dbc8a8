//! Relaxed canonicalization (RFC 6376 §3.4.2, §3.4.4): what relays may change on the way without breaking a signature.

use sha2::{Digest, Sha256};

/// A header field: its name as written, and what follows the colon, lines folded as they are.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    value: &'a str,
}

impl Field<'_> {
    /// The field as it is signed, with its line end.
    pub(super) fn relaxed(&self) -> String {
        format!("{}\r\n", relaxed(self.name, self.value))
    }
}

/// A header field as it is signed: name in small letters, one line, one space where there were several blanks.
pub(super) fn relaxed(name: &str, value: &str) -> String {
    let mut line = String::with_capacity(name.len() + value.len() + 1);
    line.push_str(&name.trim_end().to_ascii_lowercase());
    line.push(':');
    let unfolded = value.replace("\r\n", "");
    reduce(unfolded.trim_matches(BLANKS), &mut line);
    line
}

/// The message's header fields in their order, and its body.
pub(super) fn parts(message: &str) -> MessageParts<'_> {
    let (head, body) = message.split_once("\r\n\r\n").unwrap_or((message, ""));
    let mut fields = Vec::new();
    let mut rest = head;
    while !rest.is_empty() {
        let end = field_end(rest);
        let (field, after) = rest.split_at(end);
        if let Some((name, value)) = field.split_once(':') {
            fields.push(Field { name, value });
        }
        rest = after.strip_prefix("\r\n").unwrap_or(after);
    }
    MessageParts { fields, body }
}

/// A message taken apart.
pub(super) struct MessageParts<'a> {
    pub(super) fields: Vec<Field<'a>>,
    pub(super) body: &'a str,
}

/// Where the first field ends: at a line end that no blank follows.
fn field_end(text: &str) -> usize {
    let is_end = |at: &usize| !text.get(at + 2..).unwrap_or_default().starts_with(BLANKS);
    text.match_indices("\r\n").map(|(at, _)| at).find(is_end).unwrap_or(text.len())
}

/// SHA-256 over the body as it is signed: blanks reduced, none at a line's end, no empty lines at the end.
pub(super) fn body_hash(body: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let (mut empty, mut reduced) = (0, String::new());
    for line in body.split("\r\n") {
        reduced.clear();
        reduce(line.trim_end_matches(BLANKS), &mut reduced);
        if reduced.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            hash.update(b"\r\n");
        }
        hash.update(reduced.as_bytes());
        hash.update(b"\r\n");
    }
    hash.finalize().into()
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Appends the words with one space for each run of blanks.
fn reduce(words: &str, into: &mut String) {
    let mut rest = words;
    while let Some(at) = rest.find(BLANKS) {
        let (plain, blanks) = rest.split_at(at);
        into.push_str(plain);
        into.push(' ');
        rest = blanks.trim_start_matches(BLANKS);
    }
    into.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6376 §3.4.5.
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let parts = parts("A: X \r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n");
        let fields: String = parts.fields.iter().map(Field::relaxed).collect();
        assert_eq!(fields, "a:X\r\nb:Y Z\r\n");
        assert_eq!(body_hash(parts.body), <[u8; 32]>::from(Sha256::digest(b" C\r\nD E\r\n")));
    }

    #[test]
    fn a_body_without_words_is_empty_and_a_line_without_end_gets_one() {
        let empty: [u8; 32] = Sha256::digest(b"").into();
        for body in ["", "\r\n", "\r\n\r\n", " \t\r\n"] {
            assert_eq!(body_hash(body), empty, "{body:?}");
        }
        assert_eq!(body_hash("a"), body_hash("a\r\n"));
        assert_eq!(body_hash("\r\na \t b\r\n\r\n"), <[u8; 32]>::from(Sha256::digest(b"\r\na b\r\n")));
        assert_ne!(body_hash("\r\na"), body_hash("a"));
    }
}
