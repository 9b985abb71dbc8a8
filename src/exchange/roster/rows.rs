//! Reads the file row by row, whether it is text or a workbook: that is told by its content, for names lie.

use std::fs::File;
use std::io::{BufRead, BufReader};

use super::columns::Columns;
use super::dates;
use super::row::read;
use crate::exchange::roster::csv_text::{CsvRecords, unreadable};
use crate::exchange::roster::dates::OrderEvidence;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rules::{Origin, RosterRules};
use crate::exchange::roster::workbook::{self, WorkbookSheet};

const READ_AHEAD: usize = 64 * 1024;

/// The rows of an open roster.
pub struct Lines {
    table: Table,
    record: csv::ByteRecord,
    rules: RosterRules,
    origin: Origin,
    is_over: bool,
}

/// Records under a header.
struct Table {
    source: RowSource,
    columns: Columns,
}

enum RowSource {
    Text(Box<CsvRecords>),
    Sheet(WorkbookSheet),
}

impl RowSource {
    fn next(&mut self, record: &mut csv::ByteRecord) -> Result<Option<u64>, RowFault> {
        match self {
            Self::Text(text) => text.next(record),
            Self::Sheet(sheet) => Ok(sheet.next(record)),
        }
    }
}

impl Table {
    fn open(origin: &Origin) -> Result<Self, Vec<RowFault>> {
        if !std::fs::metadata(&origin.path).map_err(|e| unreadable(&e))?.is_file() {
            let hint = "save it as a file first and name that: it is read twice, which a pipe cannot give";
            return Err(vec![RowFault::whole(0, "this is no regular file", hint)]);
        }
        let file = File::open(&origin.path).map_err(|e| unreadable(&e))?;
        let mut file = BufReader::with_capacity(READ_AHEAD, file);
        let start = file.fill_buf().map_err(|e| unreadable(&e))?;
        if let Some(kind) = workbook::kind(start) {
            drop(file);
            let (sheet, columns) = WorkbookSheet::open(kind, origin)?;
            return Ok(Self { source: RowSource::Sheet(sheet), columns });
        }
        if let Some(sheet) = &origin.sheet {
            let hint = "leave `--sheet` out: a CSV file has no sheets";
            return Err(vec![RowFault::whole(0, format!("there is no sheet `{sheet}` in it"), hint)]);
        }
        let (text, header, line) = CsvRecords::open(file)?;
        let columns = Columns::read(&header, line)?;
        Ok(Self { source: RowSource::Text(Box::new(text)), columns })
    }

    /// Reads the next record that is not empty; gives its line, or nothing at the end.
    fn next(&mut self, record: &mut csv::ByteRecord) -> Result<Option<u64>, RowFault> {
        loop {
            let line = self.source.next(record)?;
            if line.is_none() || !record.as_slice().iter().all(u8::is_ascii_whitespace) {
                return Ok(line);
            }
        }
    }
}

impl Lines {
    pub(in crate::exchange::roster) fn open(
        origin: &Origin,
        rules: RosterRules,
    ) -> Result<Self, Vec<RowFault>> {
        let (table, record) = (Table::open(origin)?, csv::ByteRecord::new());
        Ok(Self { table, record, rules, origin: origin.clone(), is_over: false })
    }

    /// How many bytes were read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.table.source {
            RowSource::Text(text) => text.bytes(),
            RowSource::Sheet(sheet) => sheet.bytes(),
        }
    }

    /// Looks through the whole file for the order of day and month, once, when the first such date is met.
    fn settle(&mut self) {
        let evidence = Table::open(&self.origin).ok().map(|mut table| {
            let (mut evidence, mut record) = (OrderEvidence::default(), csv::ByteRecord::new());
            while let Ok(Some(line)) = table.next(&mut record) {
                let fields = dates::COLUMNS.iter().filter_map(|name| table.columns.place(name));
                let texts = fields.filter_map(|at| std::str::from_utf8(record.get(at)?).ok());
                evidence.note(line, texts);
            }
            evidence
        });
        self.rules.days.settle(evidence.unwrap_or_default());
    }
}

impl Iterator for Lines {
    type Item = Result<RosterRow, Vec<RowFault>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let line = match self.table.next(&mut self.record) {
            Ok(Some(line)) => line,
            Ok(None) => return None,
            Err(fault) => {
                self.is_over = true;
                return Some(Err(vec![fault]));
            }
        };
        let found = read(&self.record, line, &self.table.columns, &mut self.rules);
        if !self.rules.days.is_asked() {
            return Some(found);
        }
        self.settle();
        Some(read(&self.record, line, &self.table.columns, &mut self.rules))
    }
}

/// A roster file and what its rows are measured against.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Where the rows come from.
    pub origin: Origin,
    /// What a row may say.
    pub rules: RosterRules,
}

impl Roster {
    /// Opens the file and reads its header.
    ///
    /// # Errors
    /// Every fault of the header; or why the file cannot be read.
    pub fn open(&self) -> Result<Lines, Vec<RowFault>> {
        Lines::open(&self.origin, self.rules.clone())
    }

    /// How many bytes the file has; 0 if that is not known.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.origin.path).map(|m| m.len()).unwrap_or_default()
    }
}
