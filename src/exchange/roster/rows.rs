//! Reads the file row by row, whether it is text or a workbook: that is told by its content, for names lie.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use super::cells;
use super::columns::Columns;
use super::dates;
use super::row::{read, shape};
use crate::exchange::roster::columns::{ColumnNames, known};
use crate::exchange::roster::csv_text::{CsvRecords, unreadable};
use crate::exchange::roster::dates::OrderEvidence;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row::refused_row::RefusedRow;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rules::{Origin, RosterRules, RosterSource, StagedCells};
use crate::exchange::roster::workbook::kind::{self, WorkbookKind};
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
    /// Rows that were read before, and how many of them are read again.
    Staged(Arc<[StagedCells]>, usize),
}

impl RowSource {
    fn next(&mut self, record: &mut csv::ByteRecord) -> Result<Option<u64>, RowFault> {
        match self {
            Self::Text(text) => text.next(record),
            Self::Sheet(sheet) => Ok(sheet.next(record)),
            Self::Staged(rows, next) => {
                let Some(row) = rows.get(*next) else { return Ok(None) };
                *next += 1;
                record.clear();
                let cells = row.cells.as_ref().ok_or_else(|| {
                    RowFault::whole(
                        row.line,
                        "what was kept of this row cannot be read",
                        "upload the file again",
                    )
                })?;
                cells.iter().for_each(|cell| record.push_field(cell.as_bytes()));
                Ok(Some(row.line))
            }
        }
    }
}

impl Table {
    fn open(origin: &Origin) -> Result<Self, Vec<RowFault>> {
        let opened = match &origin.source {
            RosterSource::File(path) => open_file(path)?,
            RosterSource::Content(content) => open_content(content)?,
            RosterSource::Rows(rows) => {
                return Ok(Self { source: RowSource::Staged(Arc::clone(rows), 0), columns: Columns::all() });
            }
        };
        let file = match opened {
            Opened::Text(file) => file,
            Opened::Workbook(kind, content) => {
                let (sheet, columns) = WorkbookSheet::open(kind, content, origin)?;
                return Ok(Self { source: RowSource::Sheet(sheet), columns });
            }
        };
        if let Some(sheet) = &origin.sheet {
            let hint = "leave the sheet out: a CSV file has none";
            return Err(vec![RowFault::whole(0, format!("there is no sheet `{sheet}` in it"), hint)]);
        }
        let (text, header, line) = CsvRecords::open(file, &origin.names)?;
        let columns = Columns::read(&header, line, &origin.names)?;
        Ok(Self { source: RowSource::Text(Box::new(text)), columns })
    }

    /// Whether a row that cannot be read says nothing of those after it.
    const fn goes_on(&self) -> bool {
        matches!(self.source, RowSource::Staged(..))
    }

    /// Reads the next record that is not empty; gives its line, or nothing at the end.
    fn next(&mut self, record: &mut csv::ByteRecord) -> Result<Option<u64>, RowFault> {
        loop {
            let line = self.source.next(record)?;
            self.columns.say_status(record);
            if line.is_none() || !cells::is_nothing(record.as_slice()) {
                return Ok(line);
            }
        }
    }
}

/// A file by what it holds.
enum Opened {
    Text(BufReader<Box<dyn Read>>),
    Workbook(WorkbookKind, Vec<u8>),
}

fn open_file(path: &Path) -> Result<Opened, Vec<RowFault>> {
    if !std::fs::metadata(path).map_err(|e| unreadable(&e))?.is_file() {
        let hint = "save it as a file first and name that: it is read twice, which a pipe cannot give";
        return Err(vec![RowFault::whole(0, "this is no regular file", hint)]);
    }
    let file: Box<dyn Read> = Box::new(File::open(path).map_err(|e| unreadable(&e))?);
    let mut file = BufReader::with_capacity(READ_AHEAD, file);
    let kind = kind::told_by(file.fill_buf().map_err(|e| unreadable(&e))?);
    Ok(match kind {
        Some(kind) => Opened::Workbook(kind, workbook::content_of(path)?),
        None => Opened::Text(file),
    })
}

fn open_content(content: &Arc<[u8]>) -> Result<Opened, Vec<RowFault>> {
    if let Some(kind) = kind::told_by(content) {
        return Ok(Opened::Workbook(kind, content.to_vec()));
    }
    let read: Box<dyn Read> = Box::new(Cursor::new(Arc::clone(content)));
    Ok(Opened::Text(BufReader::with_capacity(READ_AHEAD, read)))
}

/// The names of the columns of a file, whatever they are.
///
/// # Errors
/// Why the file cannot be read.
pub fn header(content: &Arc<[u8]>, sheet: Option<&str>) -> Result<Vec<String>, Vec<RowFault>> {
    match open_content(content)? {
        Opened::Workbook(kind, content) => workbook::header(kind, content, sheet),
        Opened::Text(file) => {
            let (_, header, _) = CsvRecords::open(file, &ColumnNames::default())?;
            Ok(header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect())
        }
    }
}

/// Every row of a file with every column there is. A row that does not fit the header keeps the whole file out.
///
/// # Errors
/// Every fault of header and rows' lengths, or why the file cannot be read.
pub fn staged(origin: &Origin) -> Result<Vec<StagedCells>, Vec<RowFault>> {
    let mut table = Table::open(origin)?;
    let (mut record, mut rows, mut faults) = (csv::ByteRecord::new(), Vec::new(), Vec::new());
    while let Some(line) = table.next(&mut record).map_err(|fault| vec![fault])? {
        if let Err(found) = shape(&record, line, &table.columns) {
            faults.extend(found);
            continue;
        }
        let cell = |name| table.columns.place(name).and_then(|at| record.get(at)).unwrap_or_default();
        let cells = known().map(|name| String::from_utf8_lossy(cell(name)).trim().to_owned()).collect();
        rows.push(StagedCells { line, cells: Some(cells) });
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
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
            RowSource::Staged(_, next) => *next as u64,
        }
    }

    /// What somebody should know of the file as a whole, though its rows are sound; complete once all are read.
    #[must_use]
    pub fn remarks(&self) -> Vec<RowFault> {
        let of_source = match &self.table.source {
            RowSource::Sheet(sheet) => sheet.remarks(),
            RowSource::Text(text) => text.remark().into_iter().collect(),
            RowSource::Staged(..) => Vec::new(),
        };
        self.table.columns.remark().into_iter().chain(of_source).chain(self.rules.remark()).collect()
    }

    /// Looks through the whole file for the order of day and month, once, when the first such date is met.
    fn settle(&mut self) {
        let evidence = Table::open(&self.origin).ok().map(|mut table| {
            let (mut evidence, mut record) = (OrderEvidence::default(), csv::ByteRecord::new());
            loop {
                let line = match table.next(&mut record) {
                    Ok(Some(line)) => line,
                    Err(_) if table.goes_on() => continue,
                    Ok(None) | Err(_) => break,
                };
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
    type Item = Result<RosterRow, RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let line = match self.table.next(&mut self.record) {
            Ok(Some(line)) => line,
            Ok(None) => return None,
            Err(fault) => {
                self.is_over = !self.table.goes_on();
                return Some(Err(vec![fault].into()));
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

    /// How many bytes the file has, or how many rows where they were read before; 0 if that is not known.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match &self.origin.source {
            RosterSource::File(path) => std::fs::metadata(path).map(|m| m.len()).unwrap_or_default(),
            RosterSource::Content(content) => content.len() as u64,
            RosterSource::Rows(rows) => rows.len() as u64,
        }
    }
}
