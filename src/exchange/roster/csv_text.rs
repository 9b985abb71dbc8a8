//! A roster as text: byte order mark, separator and line ends as meant, a bound on every row so that memory stays flat
//! whatever the file holds.

mod text_encoding;
mod cell_encoding;

use std::cell::Cell;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::rc::Rc;

use crate::exchange::roster::columns::{ColumnNames, looks_like_header};
use crate::exchange::roster::csv_text::text_encoding::EncodingReader;
use crate::exchange::roster::row_fault::RowFault;

/// The longest row: many times what thirteen columns need.
const LONGEST_ROW: u64 = 256 * 1024;
/// How far the separator is looked for.
const LONGEST_HEADER: u64 = 16 * 1024;
/// So far down a header is looked for, as in a workbook.
const TITLE_ROWS: usize = 20;
/// So many separators in a line tell that it is one of the table.
const FEWEST_SIGNS: usize = 3;

/// The records of a CSV file.
pub(in crate::exchange::roster) struct CsvRecords {
    reader: csv::Reader<Bounded<BufReader<Box<dyn Read>>>>,
    spent: Rc<Cell<u64>>,
    ended: Rc<Cell<bool>>,
    /// The first line that was no UTF-8 and is read as Windows-1252.
    western: Option<u64>,
}

impl CsvRecords {
    /// Begins to read; gives the header and its line. Titles may stand above it.
    pub(in crate::exchange::roster) fn open(
        file: BufReader<Box<dyn Read>>,
        names: &ColumnNames,
    ) -> Result<(Self, csv::ByteRecord, u64), Vec<RowFault>> {
        let (mut records, first, line) = Self::begin(file)?;
        let is_header = |record: &csv::ByteRecord| {
            let texts: Vec<String> =
                record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            looks_like_header(&texts, names)
        };
        let (mut below, mut titles) = (csv::ByteRecord::new(), 0);
        while !is_header(&first) && titles < TITLE_ROWS {
            match records.next(&mut below) {
                Ok(Some(line)) if is_header(&below) => return Ok((records, below, line)),
                Ok(Some(_)) => titles += 1,
                // The first line is told as a header that is none.
                Ok(None) | Err(_) => break,
            }
        }
        Ok((records, first, line))
    }

    fn begin(mut file: BufReader<Box<dyn Read>>) -> Result<(Self, csv::ByteRecord, u64), Vec<RowFault>> {
        if is_utf_32(file.fill_buf().map_err(|e| unreadable(&e))?) {
            let hint = "save it as `CSV UTF-8` in the program that wrote it";
            return Err(vec![RowFault::whole(0, "the file is UTF-32, which is not read", hint)]);
        }
        let mut file = in_utf8(file).map_err(|e| unreadable(&e))?;
        let start = file.fill_buf().map_err(|e| unreadable(&e))?;
        other_form(start)?;
        let (said, header_line) = (stated(start), if stated(start).is_some() { 2 } else { 1 });
        let separator = said.unwrap_or_else(|| separator(start));
        let (spent, ended) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let bounded =
            Bounded { inner: file, spent: Rc::clone(&spent), ended: Rc::clone(&ended), last: b'\n' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(bounded);
        let mut header = csv::ByteRecord::new();
        if said.is_some() {
            // The line that states the separator; the header stands below it.
            reader.read_byte_record(&mut header).map_err(|error| vec![broken(&error, 1)])?;
        }
        match reader.read_byte_record(&mut header) {
            Ok(true) if ended.get() => Err(vec![unclosed(header_line)]),
            Ok(true) => {
                let mended = cell_encoding::mended(&header);
                let western = mended.is_some().then_some(header_line);
                Ok((Self { reader, spent, ended, western }, mended.unwrap_or(header), header_line))
            }
            Ok(false) => {
                Err(vec![RowFault::whole(1, "the file is empty", "the first line must name the columns")])
            }
            Err(error) => Err(vec![broken(&error, header_line)]),
        }
    }

    /// How many bytes were read so far.
    pub(in crate::exchange::roster) fn bytes(&self) -> u64 {
        self.reader.position().byte()
    }

    /// Reads the next record; gives the line it begins in, or nothing at the end.
    ///
    /// # Errors
    /// What keeps the file from being read on.
    pub(in crate::exchange::roster) fn next(
        &mut self,
        record: &mut csv::ByteRecord,
    ) -> Result<Option<u64>, RowFault> {
        // What the reader took ahead belongs to rows to come; it is at most one buffer.
        self.spent.set(0);
        let begins = self.reader.position().line();
        match self.reader.read_byte_record(record) {
            // Every line has an end, so only within quotation marks is a row still open at the end of the file.
            Ok(true) if self.ended.get() => Err(unclosed(self.line(record))),
            Ok(true) => {
                let line = self.line(record);
                if let Some(mended) = cell_encoding::mended(record) {
                    *record = mended;
                    self.western.get_or_insert(line);
                }
                Ok(Some(line))
            }
            Ok(false) => Ok(None),
            Err(error) => Err(broken(&error, begins)),
        }
    }

    /// What somebody should know of letters that were no UTF-8.
    pub(in crate::exchange::roster) fn remark(&self) -> Option<RowFault> {
        let problem =
            "the file is not UTF-8; letters with accents are read as those of Windows (Windows-1252)";
        let hint = "look at a few such names in it; where they are wrong, save it as `CSV UTF-8`";
        self.western.map(|line| RowFault::whole(line, problem, hint))
    }

    /// Where the row just read begins. Counted back from its end, because empty lines may stand before it.
    fn line(&self, record: &csv::ByteRecord) -> u64 {
        let inside = record.as_slice().iter().filter(|b| **b == b'\n').count();
        // The end of a row that was never closed is the file's, and no line's.
        let own = u64::from(!self.ended.get());
        self.reader.position().line().saturating_sub(own + u64::try_from(inside).unwrap_or(0))
    }
}

/// Why a file cannot be read at all.
pub(in crate::exchange::roster) fn unreadable(error: &std::io::Error) -> Vec<RowFault> {
    let hint = "name a CSV file or a workbook that this user may read";
    vec![RowFault::whole(0, format!("the file cannot be read: {error}"), hint)]
}

fn unclosed(line: u64) -> RowFault {
    let problem = "a quotation mark is never closed, so nothing after it was read";
    RowFault::whole(line, problem, "close it, or write two where one is meant, and import again")
}

fn broken(error: &csv::Error, line: u64) -> RowFault {
    match error.kind() {
        csv::ErrorKind::Io(e) if e.kind() == ErrorKind::FileTooLarge => {
            let problem =
                format!("this row is longer than {} kB; nothing after it was read", LONGEST_ROW / 1024);
            RowFault::whole(line, problem, "look for a quotation mark that is never closed")
        }
        _ => RowFault::whole(
            line,
            format!("the file cannot be read on: {error}"),
            "check the disk, then try again",
        ),
    }
}

/// The file as UTF-8 without its byte order mark. UTF-16, which spreadsheets call Unicode text, is decoded.
fn in_utf8(mut file: BufReader<Box<dyn Read>>) -> std::io::Result<BufReader<Box<dyn Read>>> {
    let start = file.fill_buf()?;
    let marked = encoding_rs::Encoding::for_bom(start);
    let other = marked.map(|(encoding, _)| encoding).or_else(|| unmarked(start));
    if let Some(encoding) = other.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        let capacity = file.capacity();
        let text: Box<dyn Read> = Box::new(EncodingReader::of(file, encoding));
        return Ok(BufReader::with_capacity(capacity, text));
    }
    file.consume(marked.map_or(0, |(_, length)| length));
    Ok(file)
}

/// UTF-16 without a mark: every other byte of a Latin letter is zero, and no letter of UTF-8 has such a byte.
fn unmarked(start: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match start {
        [0, more, ..] if *more != 0 => Some(encoding_rs::UTF_16BE),
        [first, 0, ..] if *first != 0 => Some(encoding_rs::UTF_16LE),
        _ => None,
    }
}

/// UTF-32, with its mark or without: three of four bytes of a Latin letter are zero.
const fn is_utf_32(start: &[u8]) -> bool {
    matches!(start, [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [_, 0, 0, 0, ..] | [0, 0, 0, _, ..])
}

/// A file of another kind, whatever it is called, by how it begins.
fn other_form(start: &[u8]) -> Result<(), Vec<RowFault>> {
    let kind = match start.trim_ascii_start() {
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'{', b'\\', b'r', b't', b'f', ..] => "a text document",
        [b'{' | b'[', ..] => "JSON",
        [b'<', ..] => "XML",
        [0x1f, 0x8b, ..] | [b'7', b'z', 0xbc, ..] => "a compressed archive",
        _ => return Ok(()),
    };
    let hint = "open the list in your spreadsheet and save it as .xlsx or as `CSV UTF-8`";
    Err(vec![RowFault::whole(1, format!("the file is {kind}, and no table"), hint)])
}

/// The separator that a spreadsheet states in a line above the header, as in `sep=;`.
fn stated(start: &[u8]) -> Option<u8> {
    let line = start.split(|b| *b == b'\n').next()?.trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [key @ .., sign] if key.eq_ignore_ascii_case(b"sep=") => Some(*sign),
        // A tabulator is white space, and was trimmed.
        key if key.eq_ignore_ascii_case(b"sep=") => Some(b'\t'),
        _ => None,
    }
}

/// The sign that stands most often in the header, outside quotation marks; titles above it have few of any.
fn separator(start: &[u8]) -> u8 {
    let end = start.len().min(usize::try_from(LONGEST_HEADER).unwrap_or(usize::MAX));
    let mut lines = start[..end].split(|b| matches!(b, b'\n' | b'\r'));
    let first = lines.clone().next().unwrap_or_default();
    let of_table = |line: &&[u8]| SEPARATORS.iter().any(|sign| signs(line, *sign) >= FEWEST_SIGNS);
    let header = lines.by_ref().take(TITLE_ROWS).find(of_table).unwrap_or(first);
    // Of equals the last wins: the comma is the contract.
    SEPARATORS.into_iter().max_by_key(|sign| signs(header, *sign)).unwrap_or(b',')
}

/// What parts the cells of a row, unless the file states another.
const SEPARATORS: [u8; 4] = [b'|', b'\t', b';', b','];

/// How often a sign stands in a line outside quotation marks.
fn signs(line: &[u8], sign: u8) -> usize {
    let mut quoted = false;
    let is_sign = |b: &&u8| {
        quoted ^= **b == b'"';
        !quoted && **b == sign
    };
    line.iter().filter(is_sign).count()
}

/// Counts what is read since the last row ended, stops a row without end, and makes every line end a single line feed,
/// the last one too: only so are lines counted as an editor counts them.
struct Bounded<R> {
    inner: R,
    spent: Rc<Cell<u64>>,
    ended: Rc<Cell<bool>>,
    last: u8,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.spent.get() > LONGEST_ROW {
            return Err(std::io::Error::from(ErrorKind::FileTooLarge));
        }
        let n = self.inner.read(buffer)?;
        if n == 0 {
            let closing = self.close(buffer);
            self.ended.set(closing == 0);
            return Ok(closing);
        }
        self.spent.set(self.spent.get().saturating_add(u64::try_from(n).unwrap_or(u64::MAX)));
        self.last = buffer[n - 1];
        let next = self.inner.fill_buf()?.first().copied();
        let mut kept = 0;
        for at in 0..n {
            let after = if at + 1 < n { Some(buffer[at + 1]) } else { next };
            if buffer[at] != b'\r' || after != Some(b'\n') {
                buffer[kept] = buffer[at];
                kept += 1;
            }
        }
        // A lone return at the buffer's edge leaves nothing, which must not read as the end.
        if kept == 0 { self.read(buffer) } else { Ok(kept) }
    }
}

impl<R> Bounded<R> {
    /// Ends a last line that has no end.
    fn close(&mut self, buffer: &mut [u8]) -> usize {
        match buffer.first_mut() {
            Some(first) if self.last != b'\n' => {
                *first = b'\n';
                self.last = b'\n';
                1
            }
            Some(_) | None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn open(text: &'static str) -> Result<CsvRecords, Vec<RowFault>> {
        let content: Box<dyn Read> = Box::new(Cursor::new(text.as_bytes()));
        CsvRecords::begin(BufReader::new(content)).map(|(records, _, _)| records)
    }

    /// The lines that were read, and the line and words of what stopped it.
    fn read(text: &'static str) -> (Vec<u64>, Option<(u64, String)>) {
        let (mut records, mut record, mut lines) = (open(text).unwrap(), csv::ByteRecord::new(), Vec::new());
        loop {
            match records.next(&mut record) {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => return (lines, None),
                Err(fault) => return (lines, Some((fault.line, fault.problem))),
            }
        }
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_told_with_the_line_it_opens_in() {
        for (text, lines, at) in [
            ("a,b\n1,\"2\n3,4\n5,6\n", vec![], 2),
            ("a,b\n1,\"2\n3,4\n5,6", vec![], 2),
            ("a,b\r\n1,2\r\n\r\n3,\"4\r\n5,6\r\n", vec![2], 4),
            ("a,b\n1,2\n3,\"4", vec![2], 3),
        ] {
            let (found, fault) = read(text);
            let (line, problem) = fault.unwrap();
            assert_eq!((found, line), (lines, at), "{text:?}");
            assert!(problem.contains("never closed"), "{problem}");
        }
        let header = open("a,\"b\n1,2\n").map(drop).unwrap_err();
        assert_eq!((header.len(), header[0].line), (1, 1));
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for (text, lines) in [
            ("a,b\n1,2\n\n\"3\n\",\"4\"\n5,6", vec![2, 4, 6]),
            ("a,b\r\n\"1\",\"2\"\r\n3,4", vec![2, 3]),
            ("a,b\n1,\"2\"", vec![2]),
            ("a,b", vec![]),
        ] {
            assert_eq!(read(text), (lines, None), "{text:?}");
        }
    }
}
