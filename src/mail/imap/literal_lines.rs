//! What an IMAP server says, as its library may hear it. That one reads lists within lists by calling itself, and reads what it has
//! heard anew with each piece that comes: a line of open brackets would end the program, a line without end would hold up all
//! beside it. So an answer is bounded before it is handed on, and a literal (a message, most often) is taken out of it: what is not
//! handed on needs no bound but its length, and nobody has to agree with the library on where a literal begins.

use std::collections::BTreeMap;

use crate::mail::smtp::transport::deadline_stream::StreamFault;

/// So many lists one answer may open: what we ask for has three.
const MOST_LISTS: usize = 32;
/// So long one answer may be beside its literals.
const LONGEST_LINE: usize = 64 * 1024;
/// The digits of a number that stands for a literal.
const DIGITS: usize = 10;

/// The lines of a server, with a number in place of each literal.
#[derive(Default)]
pub(in crate::mail::imap) struct LiteralLines {
    /// Of the present answer: how many lists it opened, and how long it is so far.
    lists: usize,
    length: usize,
    /// What may be the beginning of a literal: `{`, its length, `}` and the line's end.
    held: Vec<u8>,
    /// How much of a literal is still to come.
    missing: usize,
    /// The literals in answer to what was said last, by their numbers.
    literals: BTreeMap<u32, Vec<u8>>,
    next: u32,
}

impl LiteralLines {
    /// What of these bytes may be handed on.
    ///
    /// # Errors
    /// [`StreamFault`] when an answer is nothing that an honest server says.
    pub(in crate::mail::imap) fn take(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, StreamFault> {
        let mut out = Vec::with_capacity(bytes.len());
        while let Some((byte, rest)) = bytes.split_first() {
            if self.missing > 0 {
                let (now, later) = bytes.split_at(self.missing.min(bytes.len()));
                self.missing -= now.len();
                self.literals.entry(self.next).or_default().extend_from_slice(now);
                bytes = later;
            } else {
                self.hear(*byte, &mut out)?;
                bytes = rest;
            }
        }
        Ok(out)
    }

    /// What was held back when the server hung up.
    pub(in crate::mail::imap) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// Something else is said: nobody asks any more for what came in answer to what was said before.
    pub(in crate::mail::imap) fn forget(&mut self) {
        if self.missing == 0 {
            self.literals.clear();
        }
    }

    /// The literal that such a number stands for; a short text may have come without one.
    pub(in crate::mail::imap) fn literal(&mut self, handed_on: Vec<u8>) -> Vec<u8> {
        let number = std::str::from_utf8(&handed_on).ok().filter(|digits| digits.len() == DIGITS);
        let number = number.and_then(|digits| digits.parse().ok());
        number.and_then(|number| self.literals.remove(&number)).unwrap_or(handed_on)
    }

    /// One byte outside of any literal.
    fn hear(&mut self, byte: u8, out: &mut Vec<u8>) -> Result<(), StreamFault> {
        self.length += 1;
        self.lists += usize::from(byte == b'(');
        if self.lists > MOST_LISTS {
            return Err(StreamFault::Tangled);
        }
        if self.length > LONGEST_LINE {
            return Err(StreamFault::LongLine);
        }
        if self.goes_on(byte) {
            self.held.push(byte);
            if byte == b'\n' {
                self.begin(out);
            }
            return Ok(());
        }
        out.append(&mut self.held);
        if byte == b'{' {
            self.held.push(byte);
            return Ok(());
        }
        out.push(byte);
        if byte == b'\n' {
            (self.lists, self.length) = (0, 0);
        }
        Ok(())
    }

    /// Whether what is held back may still be the beginning of a literal with this byte after it.
    fn goes_on(&self, byte: u8) -> bool {
        match self.held.last() {
            None => false,
            Some(b'{') => byte.is_ascii_digit(),
            Some(b'}') => byte == b'\r',
            Some(b'\r') => byte == b'\n',
            Some(_) => byte == b'}' || byte.is_ascii_digit() && self.held.len() <= DIGITS,
        }
    }

    /// A literal begins: a number goes on in its place. A length that is none is handed on, and read by nobody.
    fn begin(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let digits: String =
            held.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        let Some(length) = digits.parse::<u32>().ok().and_then(|length| usize::try_from(length).ok()) else {
            return out.extend(held);
        };
        self.next = self.next.wrapping_add(1);
        self.missing = length;
        self.literals.insert(self.next, Vec::new());
        out.extend(format!("{{{DIGITS}}}\r\n{:0DIGITS$}", self.next).into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_taken_out_however_its_bytes_come_and_found_by_its_number() {
        let said = b"* 2 FETCH (UID 2 BODY[]<0> {9}\r\n(((\r\n{4}\r FLAGS (x))\r\n* OK {no\r\n";
        for size in [1, 3, 1000] {
            let mut lines = LiteralLines::default();
            let heard: Vec<u8> = said.chunks(size).flat_map(|bytes| lines.take(bytes).unwrap()).collect();
            let heard = String::from_utf8(heard).unwrap();
            assert_eq!(heard, "* 2 FETCH (UID 2 BODY[]<0> {10}\r\n0000000001 FLAGS (x))\r\n* OK {no\r\n");
            assert_eq!(lines.literal(b"0000000001".to_vec()), b"(((\r\n{4}\r");
            assert_eq!(lines.literal(b"as it is".to_vec()), b"as it is");
        }
    }

    #[test]
    fn lists_and_lines_have_an_end_and_each_answer_begins_anew() {
        let open = "(".repeat(MOST_LISTS);
        let mut lines = LiteralLines::default();
        for _ in 0..3 {
            lines.take(format!("* {open}\r\n").as_bytes()).unwrap();
        }
        assert_eq!(lines.take(format!("* {open}(").as_bytes()), Err(StreamFault::Tangled));
        let mut lines = LiteralLines::default();
        lines.take(&vec![b'1'; LONGEST_LINE]).unwrap();
        assert_eq!(lines.take(b"1"), Err(StreamFault::LongLine));
    }
}
