//! A roster as a workbook: the one sheet with the header, or the one that is named. Cells become the text that the same
//! row would have as CSV; what a spreadsheet has made of a code or a name is told, not repaired.

mod book;
mod cell_text;
mod compound_bounds;
mod hidden_rows;
mod merged_cells;
mod date_kinds;
mod page_table;
mod part_bounds;
pub(in crate::exchange::roster) mod kind;
mod sheet_cells;
mod sheet_choice;

use std::collections::HashSet;
use std::path::Path;

use calamine::Data;

use super::columns::Columns;
use crate::exchange::roster::columns::known;
use crate::exchange::roster::csv_text::unreadable;
use crate::exchange::roster::dates::COLUMNS;
use crate::exchange::roster::row::unread_cell::TURNED;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rules::Origin;
use crate::exchange::roster::workbook::book::{Epoch, broken, workbook};
use crate::exchange::roster::workbook::cell_text::{CellKind, plain, text};
use crate::exchange::roster::workbook::hidden_rows::HiddenRows;
use crate::exchange::roster::workbook::kind::WorkbookKind;
use crate::exchange::roster::workbook::sheet_cells::{NAMED, SheetCells, line};
use crate::exchange::roster::workbook::sheet_choice::{SheetChoice, TITLE_ROWS};

/// A workbook is read as a whole; a roster of a hundred thousand is a tenth of this.
const LARGEST: u64 = 256 * 1024 * 1024;
/// So many texts make a header of names that are not ours.
const FEWEST_NAMES: usize = 3;

/// The rows of one sheet under its header.
pub(in crate::exchange::roster) struct WorkbookSheet {
    cells: SheetCells,
    /// What each place holds.
    places: Vec<CellKind>,
    /// Which places hold dates as text as well, so that those that are none may be turned.
    mixed: Vec<bool>,
    /// What was found odd as it was opened.
    told: Vec<RowFault>,
    /// The cell with which the row begins that is read next.
    next: usize,
    epoch: Epoch,
    bytes: u64,
    /// Lines with something in them that the sheet does not show.
    hidden: Vec<u64>,
    /// Lines with something in them that somebody struck through.
    struck: Vec<u64>,
}

impl WorkbookSheet {
    pub(in crate::exchange::roster) fn open(
        kind: WorkbookKind,
        content: Vec<u8>,
        origin: &Origin,
    ) -> Result<(Self, Columns), Vec<RowFault>> {
        let bytes = content.len() as u64;
        guarded(move || {
            let mut book = workbook(kind, content)?;
            let SheetChoice { name, cells, header, passed_over } = sheet_choice::of(&mut book, origin)?;
            let row = cells.row_at(header);
            let names = cells.texts(row, 0, |_, content| plain(content));
            let (first, next) = (row.first().map_or(0, |cell| cell.row), header + row.len());
            let names: csv::ByteRecord = names.into_iter().map(String::into_bytes).collect();
            let columns = Columns::read(&names, line(first), &origin.names)?;
            let holds = |at: usize| match columns.name(at) {
                Some("next_visit_at") => CellKind::Moment,
                Some("paused_until") => CellKind::Day,
                Some("status") if columns.asks_for_death() => CellKind::Day,
                Some(name) if COLUMNS.contains(&name) => CellKind::Day,
                Some(_) | None => CellKind::Text,
            };
            let places: Vec<CellKind> = (0..names.len()).map(holds).collect();
            let mixed = date_kinds::of(&cells, next, &places);
            merged_cells::fault(&book.merged(&name), &cells, &columns, next)?;
            let hidden = book.hidden.iter().find(|hidden| hidden.sheet == name);
            let mut told = passed_over;
            told.extend(hidden.and_then(|hidden| padded(hidden, &cells, &columns)));
            let struck =
                filled(hidden.map(|hidden| hidden.struck.as_slice()).unwrap_or_default(), &cells, next);
            let hidden =
                filled(hidden.map(|hidden| hidden.lines.as_slice()).unwrap_or_default(), &cells, next);
            let epoch = book.epoch;
            Ok((Self { cells, places, mixed, told, next, epoch, bytes, hidden, struck }, columns))
        })
    }

    /// Reads the next row; gives its line, or nothing at the end.
    pub(in crate::exchange::roster) fn next(&mut self, record: &mut csv::ByteRecord) -> Option<u64> {
        let row = self.cells.row_at(self.next);
        let first = row.first()?.row;
        let holds = |at: usize| self.places.get(at).copied().unwrap_or(CellKind::Text);
        let is_mixed = |at: usize| self.mixed.get(at).copied().unwrap_or_default();
        let texts = self.cells.texts(row, self.places.len(), |at, content| {
            let text = text(content, holds(at), self.epoch);
            let is_date = matches!(content, Data::DateTime(_) | Data::DateTimeIso(_));
            if is_date && is_mixed(at) && date_kinds::may_be_turned(&text) { TURNED.to_owned() } else { text }
        });
        record.clear();
        texts.iter().for_each(|text| record.push_field(text.as_bytes()));
        self.next += row.len();
        Some(line(first))
    }

    /// What somebody should know of rows that are read though the sheet does not show them, or strikes them through.
    pub(in crate::exchange::roster) fn remarks(&self) -> Vec<RowFault> {
        let of_hidden = self.hidden.first().map(|first| {
            let shown = named(&self.hidden);
            let problem = format!("rows that the sheet hides are read like all others: {shown}");
            let hint = "show them and look; delete whom you do not mean, save it and import again";
            RowFault::whole(*first, problem, hint)
        });
        let of_struck = self.struck.first().map(|first| {
            let shown = named(&self.struck);
            let problem = format!("rows that are struck through are read like all others: {shown}");
            let hint = "look whom they mean: who has died needs `deceased` under `status`; delete whom you do not mean";
            RowFault::whole(*first, problem, hint)
        });
        self.told.iter().cloned().chain(of_hidden).chain(of_struck).collect()
    }

    /// The share of the file that is read, in bytes.
    pub(in crate::exchange::roster) fn bytes(&self) -> u64 {
        share(self.bytes, self.next, self.cells.len())
    }
}

/// The remark where the sheet shows codes with zeros that are not in the file.
fn padded(hidden: &HiddenRows, cells: &SheetCells, columns: &Columns) -> Option<RowFault> {
    let at = |column: u32| column.checked_sub(cells.left()).and_then(|at| columns.name(at as usize));
    let (_, found) = hidden.padded.iter().find(|(column, _)| at(**column) == Some("reference"))?;
    let problem = "codes that the sheet shows with zeros before them are numbers, and are read without";
    let hint = "if the zeros are meant, give the column the format of a text and write the codes with them";
    Some(RowFault::at(*found, "reference", CellFault::new(problem, hint)))
}

/// The first few lines, as a person reads them.
fn named(lines: &[u64]) -> String {
    let mut shown: Vec<String> = lines.iter().take(NAMED).map(ToString::to_string).collect();
    if lines.len() > NAMED {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// As much of the bytes as `done` is of `all`. Multiplied first: a small file may well have more cells than bytes.
fn share(bytes: u64, done: usize, all: usize) -> u64 {
    let part = u128::from(bytes) * done as u128 / all.max(1) as u128;
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Those of the lines that hold something, from this cell on.
fn filled(lines: &[u64], cells: &SheetCells, from: usize) -> Vec<u64> {
    let top = cells.row_at(from).first().map_or(u64::MAX, |cell| line(cell.row));
    let held: HashSet<u64> = cells.rows().filter_map(|row| row.first()).map(|cell| line(cell.row)).collect();
    lines.iter().copied().filter(|line| *line >= top && held.contains(line)).collect()
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
fn guarded<T>(
    read: impl FnOnce() -> Result<T, Vec<RowFault>> + std::panic::UnwindSafe,
) -> Result<T, Vec<RowFault>> {
    std::panic::catch_unwind(read).unwrap_or_else(|_| Err(broken("its parts do not fit each other")))
}

/// The names of the columns, whatever they are: the row that names most of ours, else the first that holds several texts.
pub(in crate::exchange::roster) fn header(
    kind: WorkbookKind,
    content: Vec<u8>,
    sheet: Option<&str>,
) -> Result<Vec<String>, Vec<RowFault>> {
    let many = guarded(|| {
        let mut book = workbook(kind, content)?;
        let mut many = Vec::new();
        for name in book.wanted(sheet) {
            let Some(cells) = book.cells(&name) else { continue };
            let rows = cells.rows().take(TITLE_ROWS).filter(|row| row.len() >= FEWEST_NAMES);
            many.extend(rows.map(|row| cells.texts(row, 0, |_, content| plain(content))));
        }
        Ok(many)
    })?;
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

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_small_file_of_many_cells_is_read_by_and_by_too() {
        assert_eq!([0, 250, 500, 1000].map(|done| share(900, done, 1000)), [0, 225, 450, 900]);
        assert_eq!(share(u64::MAX, 2, 2), u64::MAX);
        assert_eq!(share(900, 0, 0), 0);
    }
}
