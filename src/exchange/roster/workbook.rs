//! A roster as a workbook: the first sheet with the header, or the one that is named. Cells become the text that the same
//! row would have as CSV; what a spreadsheet has made of a code or a name is told, not repaired.

mod hidden_rows;

use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Ods, Range, Reader, SheetVisible, Xls, Xlsb, Xlsx};
use jiff::civil::{Date, DateTime, date};

use super::columns::{Columns, looks_like_header};
use crate::exchange::roster::columns::{REQUIRED, known};
use crate::exchange::roster::csv_text::unreadable;
use crate::exchange::roster::dates::COLUMNS;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rules::Origin;
use crate::exchange::roster::workbook::hidden_rows::HiddenRows;

/// So far down a header is looked for.
const TITLE_ROWS: usize = 20;
/// A workbook is read as a whole; a roster of a hundred thousand is a tenth of this.
const LARGEST: u64 = 256 * 1024 * 1024;
/// So many hidden rows are named one by one.
const NAMED: usize = 10;
/// So many texts make a header of names that are not ours.
const FEWEST_NAMES: usize = 3;
/// Day numbers from 1900 to the year 2200; anything else in a cell of a date is no day number.
const SERIALS: std::ops::Range<f64> = 60.0..109_575.0;
/// What stands in a cell that a spreadsheet has spoilt: no column takes it.
const SPOILT: &str = "\u{fffd}";

/// Which kind of workbook a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::roster) enum WorkbookKind {
    /// Office Open XML or OpenDocument, in a ZIP.
    Zip,
    /// The older binary form, or one with a password.
    Compound,
}

/// Tells a workbook by how it begins.
pub(in crate::exchange::roster) fn kind(start: &[u8]) -> Option<WorkbookKind> {
    match start {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(WorkbookKind::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(WorkbookKind::Compound),
        _ => None,
    }
}

/// The rows of one sheet under its header.
pub(in crate::exchange::roster) struct WorkbookSheet {
    cells: Range<Data>,
    /// What each place holds.
    places: Vec<Holds>,
    /// Index of the row that is read next.
    next: usize,
    epoch: Epoch,
    bytes: u64,
    /// Lines with something in them that the sheet does not show.
    hidden: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Day,
    Moment,
    Text,
}

/// Where a workbook's day numbers count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Epoch {
    /// The end of 1899.
    Common,
    /// 1904, as old Macs did.
    Of1904,
}

struct Workbook {
    sheets: Vec<(String, Range<Data>)>,
    epoch: Epoch,
    hidden: Vec<HiddenRows>,
}

impl WorkbookSheet {
    pub(in crate::exchange::roster) fn open(
        kind: WorkbookKind,
        content: Vec<u8>,
        origin: &Origin,
    ) -> Result<(Self, Columns), Vec<RowFault>> {
        let bytes = content.len() as u64;
        let book = read(kind, content, origin.sheet.as_deref())?;
        let (name, cells, header) = pick(book.sheets, origin)?;
        let first = cells.start().map_or(0, |(row, _)| row as usize);
        let names: csv::ByteRecord =
            cells.rows().nth(header).into_iter().flatten().map(|cell| plain(cell).into_bytes()).collect();
        let columns = Columns::read(&names, line(first + header), &origin.names)?;
        let holds = |at: usize| match columns.name(at) {
            Some("next_visit_at") => Holds::Moment,
            Some(name) if COLUMNS.contains(&name) => Holds::Day,
            Some(_) | None => Holds::Text,
        };
        let places = (0..names.len()).map(holds).collect();
        let hidden = book.hidden.into_iter().find(|hidden| hidden.sheet == name);
        let hidden = filled(hidden.map(|hidden| hidden.lines).unwrap_or_default(), &cells, header);
        Ok((Self { cells, places, next: header + 1, epoch: book.epoch, bytes, hidden }, columns))
    }

    /// Reads the next row; gives its line, or nothing at the end.
    pub(in crate::exchange::roster) fn next(&mut self, record: &mut csv::ByteRecord) -> Option<u64> {
        if self.next >= self.cells.height() {
            return None;
        }
        let first = self.cells.start().map_or(0, |(row, _)| row as usize);
        record.clear();
        for (at, cell) in self.cells[self.next].iter().enumerate() {
            let holds = self.places.get(at).copied().unwrap_or(Holds::Text);
            record.push_field(text(cell, holds, self.epoch).as_bytes());
        }
        self.next += 1;
        Some(line(first + self.next - 1))
    }

    /// What somebody should know of rows that are read though the sheet does not show them.
    pub(in crate::exchange::roster) fn remark(&self) -> Option<RowFault> {
        let first = self.hidden.first()?;
        let mut shown: Vec<String> = self.hidden.iter().take(NAMED).map(ToString::to_string).collect();
        if self.hidden.len() > NAMED {
            shown.push("…".to_owned());
        }
        let shown = shown.join(", ");
        let problem = format!("rows that the sheet hides are read like all others: {shown}");
        let hint = "show them and look; delete whom you do not mean, save it and import again";
        Some(RowFault::whole(*first, problem, hint))
    }

    /// The share of the file that is read, in bytes.
    pub(in crate::exchange::roster) fn bytes(&self) -> u64 {
        let (done, all) = (self.next as u64, self.cells.height().max(1) as u64);
        self.bytes / all * done
    }
}

/// Those of the lines that stand below the header and hold something.
fn filled(mut lines: Vec<u64>, cells: &Range<Data>, header: usize) -> Vec<u64> {
    let first = cells.start().map_or(0, |(row, _)| row as usize);
    let row = |of: u64| usize::try_from(of).ok()?.checked_sub(first + 1);
    let holds = |row: usize| {
        row > header && row < cells.height() && cells[row].iter().any(|cell| !plain(cell).is_empty())
    };
    lines.retain(|line| row(*line).is_some_and(holds));
    lines
}

/// A workbook's content, if it is not too large to be read as a whole.
pub(in crate::exchange::roster) fn content_of(path: &Path) -> Result<Vec<u8>, Vec<RowFault>> {
    if std::fs::metadata(path).map_err(|e| unreadable(&e))?.len() > LARGEST {
        let hint = "save it as `CSV UTF-8`, which may be as long as you like";
        return Err(vec![RowFault::whole(0, "the workbook is larger than 256 MB", hint)]);
    }
    std::fs::read(path).map_err(|e| unreadable(&e))
}

/// What a parser stumbles over in a torn file is a torn file.
fn read(kind: WorkbookKind, content: Vec<u8>, named: Option<&str>) -> Result<Workbook, Vec<RowFault>> {
    let read = std::panic::catch_unwind(|| workbook(kind, content, named));
    read.unwrap_or_else(|_| Err(broken("its parts do not fit each other")))
}

/// The names of the columns, whatever they are: the row that names most of ours, else the first that holds several texts.
pub(in crate::exchange::roster) fn header(
    kind: WorkbookKind,
    content: Vec<u8>,
    sheet: Option<&str>,
) -> Result<Vec<String>, Vec<RowFault>> {
    let book = read(kind, content, sheet)?;
    let rows = book.sheets.iter().flat_map(|(_, cells)| cells.rows().take(TITLE_ROWS));
    let texts = rows.map(|row| row.iter().map(plain).collect::<Vec<String>>());
    let many: Vec<Vec<String>> =
        texts.filter(|row| row.iter().filter(|text| !text.is_empty()).count() >= FEWEST_NAMES).collect();
    let ours = |row: &Vec<String>| {
        known().filter(|name| row.iter().any(|text| text.trim().eq_ignore_ascii_case(name))).count()
    };
    // Of equals the last wins: the first row is what is meant.
    let found = many.into_iter().rev().max_by_key(ours);
    found.ok_or_else(|| {
        let hint = "the first row must name the columns";
        vec![RowFault::whole(0, "no sheet of the workbook has a header", hint)]
    })
}

fn line(row: usize) -> u64 {
    row as u64 + 1
}

fn workbook(kind: WorkbookKind, content: Vec<u8>, named: Option<&str>) -> Result<Workbook, Vec<RowFault>> {
    match kind {
        WorkbookKind::Compound => {
            let hint = "save it as .xlsx without a password, or as `CSV UTF-8`";
            let problem = "the workbook has a password, or is of an old kind that cannot be read";
            let spoilt = |_| vec![RowFault::whole(0, problem, hint)];
            let mut book: Xls<_> = Xls::new(Cursor::new(content)).map_err(spoilt)?;
            Ok(Workbook { sheets: sheets(&mut book, named), epoch: Epoch::Common, hidden: Vec::new() })
        }
        WorkbookKind::Zip => zipped(content, named),
    }
}

fn broken(error: &str) -> Vec<RowFault> {
    let hint = "open it in your spreadsheet and save it again, or save it as `CSV UTF-8`";
    vec![RowFault::whole(0, format!("the file is a workbook, and it is broken: {error}"), hint)]
}

fn zipped(content: Vec<u8>, named: Option<&str>) -> Result<Workbook, Vec<RowFault>> {
    let holds = |name: &[u8]| memchr::memmem::find(&content, name).is_some();
    let (is_ods, is_binary) = (holds(b"opendocument.spreadsheet"), holds(b"xl/workbook.bin"));
    let hidden = if is_ods || is_binary { Vec::new() } else { hidden_rows::of(&content) };
    let content = Cursor::new(content);
    if is_ods {
        let mut book: Ods<_> = Ods::new(content).map_err(|error| broken(&error.to_string()))?;
        return Ok(Workbook { sheets: sheets(&mut book, named), epoch: Epoch::Common, hidden: Vec::new() });
    }
    if is_binary {
        let mut book: Xlsb<_> = Xlsb::new(content).map_err(|error| broken(&error.to_string()))?;
        return Ok(Workbook { sheets: sheets(&mut book, named), epoch: Epoch::Common, hidden: Vec::new() });
    }
    let mut book: Xlsx<_> = Xlsx::new(content).map_err(|error| broken(&error.to_string()))?;
    let epoch = if book.has_1904_epoch() { Epoch::Of1904 } else { Epoch::Common };
    Ok(Workbook { sheets: sheets(&mut book, named), epoch, hidden })
}

/// The sheets that are shown, in their order; a sheet that is named, even when it is hidden.
fn sheets<B: Reader<Cursor<Vec<u8>>>>(book: &mut B, named: Option<&str>) -> Vec<(String, Range<Data>)> {
    let is_wanted = |name: &str, visible: SheetVisible| match named {
        Some(wanted) => name.eq_ignore_ascii_case(wanted.trim()),
        None => visible == SheetVisible::Visible,
    };
    let all: Vec<(String, SheetVisible)> =
        book.sheets_metadata().iter().map(|sheet| (sheet.name.clone(), sheet.visible)).collect();
    let wanted = all.into_iter().filter(|(name, visible)| is_wanted(name, *visible));
    wanted.filter_map(|(name, _)| Some((name.clone(), book.worksheet_range(&name).ok()?))).collect()
}

/// The first sheet with the header, its name, and the row of it.
fn pick(
    sheets: Vec<(String, Range<Data>)>,
    origin: &Origin,
) -> Result<(String, Range<Data>, usize), Vec<RowFault>> {
    if let (Some(wanted), true) = (&origin.sheet, sheets.is_empty()) {
        let hint = "look at the names at the foot of your spreadsheet, or leave `--sheet` out";
        return Err(vec![RowFault::whole(0, format!("there is no sheet `{wanted}` in it"), hint)]);
    }
    let names: Vec<String> = sheets.iter().map(|(name, _)| format!("`{name}`")).collect();
    for (name, cells) in sheets {
        let texts = |row: &[Data]| row.iter().map(plain).collect::<Vec<_>>();
        let header =
            cells.rows().take(TITLE_ROWS).position(|row| looks_like_header(&texts(row), &origin.names));
        if let Some(header) = header {
            return Ok((name, cells, header));
        }
    }
    let problem = format!("no sheet of the workbook has the header; looked at {}", names.join(", "));
    let hint = format!("the first row must name these columns: {}", REQUIRED.join(","));
    Err(vec![RowFault::whole(0, problem, hint)])
}

fn plain(cell: &Data) -> String {
    text(cell, Holds::Text, Epoch::Common)
}

/// What the cell would be as CSV.
fn text(cell: &Data, holds: Holds, epoch: Epoch) -> String {
    match (cell, holds) {
        (Data::Empty, _) => String::new(),
        (Data::String(text), _) => text.trim().to_owned(),
        (Data::Bool(yes), _) => yes.to_string(),
        // Without the format of a date a number may be a year, or a date typed without its points: never a day number. Eight
        // digits are a date by themselves.
        (Data::Int(number), _) => number.to_string(),
        (Data::Float(number), _) => number_text(*number),
        (Data::DateTime(at), Holds::Day | Holds::Moment) if at.is_datetime() => {
            serial(at.as_f64(), holds, epoch)
        }
        (Data::DateTimeIso(text), Holds::Day | Holds::Moment) => text.clone(),
        // A code such as 1-2 of which the spreadsheet has made a date, a time, an error.
        (Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) | Data::Error(_), _) => {
            SPOILT.to_owned()
        }
    }
}

/// A whole number as its digits: a code of digits is kept as a number unless its cell is a text.
fn number_text(number: f64) -> String {
    format!("{number}")
}

/// A day number in a cell with the format of a date: days since the end of 1899 (or since 1904), the time of day behind the
/// point.
fn serial(number: f64, holds: Holds, epoch: Epoch) -> String {
    if !SERIALS.contains(&number) {
        return number_text(number);
    }
    let begins: Date = match epoch {
        Epoch::Common => date(1899, 12, 30),
        Epoch::Of1904 => date(1904, 1, 1),
    };
    let minutes = (number * 1440.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "held by SERIALS: at most 158 million minutes")]
    let at = begins
        .to_datetime(jiff::civil::Time::midnight())
        .checked_add(jiff::Span::new().minutes(minutes as i64));
    let show = |at: DateTime| match holds {
        Holds::Moment => at.strftime("%Y-%m-%d %H:%M").to_string(),
        Holds::Day | Holds::Text if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
        Holds::Day | Holds::Text => at.strftime("%Y-%m-%d %H:%M").to_string(),
    };
    at.map_or_else(|_| SPOILT.to_owned(), show)
}
