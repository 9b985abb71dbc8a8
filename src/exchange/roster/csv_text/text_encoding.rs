//! A text in UTF-16, as spreadsheets save "Unicode text", read on as UTF-8 piece by piece, so that memory stays flat.

use std::io::Read;

use encoding_rs::{CoderResult, Decoder, Encoding};

/// How much is decoded at a time.
const PIECE: usize = 16 * 1024;

/// The same text in UTF-8. What cannot be decoded becomes U+FFFD, which no name and no address may hold.
pub(super) struct EncodingReader<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: String,
    read: usize,
    is_over: bool,
}

impl<R: Read> EncodingReader<R> {
    /// The text behind its byte order mark, if it has one.
    pub(super) fn of(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; PIECE], text: String::new(), read: 0, is_over: false }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        let length = self.inner.read(&mut self.raw)?;
        self.is_over = length == 0;
        self.text.clear();
        self.read = 0;
        let mut piece = self.raw.get(..length).unwrap_or_default();
        loop {
            let (state, read, _) = self.decoder.decode_to_string(piece, &mut self.text, self.is_over);
            piece = piece.get(read..).unwrap_or_default();
            match state {
                CoderResult::InputEmpty => return Ok(()),
                CoderResult::OutputFull => self.text.reserve(PIECE),
            }
        }
    }
}

impl<R: Read> Read for EncodingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.read == self.text.len() {
            if self.is_over {
                return Ok(0);
            }
            self.refill()?;
        }
        let rest = self.text.as_bytes().get(self.read..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_in_either_order_of_bytes_comes_out_whole() {
        let text = "Inés;Núñez 🙂\r\n".repeat(20_000);
        for big in [false, true] {
            let bytes: Vec<u8> = "\u{feff}"
                .encode_utf16()
                .chain(text.encode_utf16())
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect();
            let encoding = if big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
            let mut found = String::new();
            EncodingReader::of(bytes.as_slice(), encoding).read_to_string(&mut found).unwrap();
            assert!(found == text, "{big}");
        }
        let mut torn = String::new();
        EncodingReader::of(&b"A\0B\0C"[..], encoding_rs::UTF_16LE).read_to_string(&mut torn).unwrap();
        assert_eq!(torn, "AB\u{fffd}");
    }
}
