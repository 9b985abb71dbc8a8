//! A roster as text: byte order mark, separator and line ends as meant, a bound on every row so that memory stays flat
//! whatever the file holds.

use std::cell::Cell;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::rc::Rc;

use crate::exchange::roster::row_fault::RowFault;

/// The longest row: many times what thirteen columns need.
const LONGEST_ROW: u64 = 256 * 1024;
/// How far the separator is looked for.
const LONGEST_HEADER: u64 = 16 * 1024;

/// The records of a CSV file.
pub(in crate::exchange::roster) struct CsvRecords {
    reader: csv::Reader<Bounded<BufReader<Box<dyn Read>>>>,
    spent: Rc<Cell<u64>>,
    ended: Rc<Cell<bool>>,
}

impl CsvRecords {
    /// Begins to read; gives the header and its line.
    pub(in crate::exchange::roster) fn open(
        mut file: BufReader<Box<dyn Read>>,
    ) -> Result<(Self, csv::ByteRecord, u64), Vec<RowFault>> {
        skip_mark(&mut file).map_err(|e| unreadable(&e))??;
        let start = file.fill_buf().map_err(|e| unreadable(&e))?;
        unmarked(start)?;
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
            Ok(true) => Ok((Self { reader, spent, ended }, header, header_line)),
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
            Ok(true) => Ok(Some(self.line(record))),
            Ok(false) => Ok(None),
            Err(error) => Err(broken(&error, begins)),
        }
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

/// A byte order mark is skipped; one of another encoding is a fault.
fn skip_mark(file: &mut BufReader<Box<dyn Read>>) -> std::io::Result<Result<(), Vec<RowFault>>> {
    let start = file.fill_buf()?;
    let Some((encoding, length)) = encoding_rs::Encoding::for_bom(start) else { return Ok(Ok(())) };
    if encoding != encoding_rs::UTF_8 {
        return Ok(Err(foreign(encoding.name())));
    }
    file.consume(length);
    Ok(Ok(()))
}

fn foreign(encoding: &str) -> Vec<RowFault> {
    let hint = "save it as `CSV UTF-8` in your spreadsheet";
    vec![RowFault::whole(1, format!("the file is {encoding}, not UTF-8"), hint)]
}

/// UTF-16 without a mark: every other byte of a Latin letter is zero, and no letter of UTF-8 has such a byte.
fn unmarked(start: &[u8]) -> Result<(), Vec<RowFault>> {
    match start {
        [0, more, ..] if *more != 0 => Err(foreign("UTF-16BE")),
        [first, 0, ..] if *first != 0 => Err(foreign("UTF-16LE")),
        _ => Ok(()),
    }
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

/// The sign that stands most often in the header, outside quotation marks.
fn separator(start: &[u8]) -> u8 {
    let end = start.len().min(usize::try_from(LONGEST_HEADER).unwrap_or(usize::MAX));
    let header = start[..end].split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |sign: u8| {
        let mut quoted = false;
        header
            .iter()
            .filter(|b| {
                quoted ^= **b == b'"';
                !quoted && **b == sign
            })
            .count()
    };
    // Of equals the last wins: the comma is the contract.
    [b'\t', b';', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',')
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
        CsvRecords::open(BufReader::new(content)).map(|(records, _, _)| records)
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
