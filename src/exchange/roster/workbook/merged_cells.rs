//! Cells that were merged over several rows: a file keeps their value in the first row alone, and the rows below look empty. In a list
//! of patients the others would lose a death, or the date from which all is counted.

use crate::exchange::roster::columns::Columns;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::workbook::sheet_cells::{NAMED, SheetCells, line, place};

/// A rectangle of cells that were made one, from its first row and column to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::roster) struct MergedCells {
    pub(in crate::exchange::roster) top: u32,
    pub(in crate::exchange::roster) left: u32,
    pub(in crate::exchange::roster) bottom: u32,
    pub(in crate::exchange::roster) right: u32,
}

impl MergedCells {
    /// The rectangle that a spreadsheet names so, e.g. `D2:D5`, if it has more than one row.
    pub(super) fn named(range: &str) -> Option<Self> {
        let (first, last) = range.split_once(':')?;
        let ((top, left), (bottom, right)) = (cell(first)?, cell(last)?);
        (bottom > top).then_some(Self { top, left, bottom, right })
    }

    fn name(self) -> String {
        format!("{}:{}", place(self.top, self.left), place(self.bottom, self.right))
    }
}

/// Row and column of a cell, counted from 0.
pub(super) fn cell(name: &str) -> Option<(u32, u32)> {
    let name = name.replace('$', "");
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = name.split_at(digits);
    let add = |sum: u32, letter: u8| {
        let number = letter.to_ascii_uppercase().checked_sub(b'A').filter(|number| *number < 26)?;
        sum.checked_mul(26)?.checked_add(u32::from(number) + 1)
    };
    let column = letters.bytes().try_fold(0_u32, add)?;
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// The fault, where what was merged takes something from rows of the list below the header that ends before this cell.
pub(super) fn fault(
    merged: &[MergedCells],
    cells: &SheetCells,
    columns: &Columns,
    from: usize,
) -> Result<(), Vec<RowFault>> {
    let Some(begins) = cells.row_at(from).first().map(|cell| cell.row) else { return Ok(()) };
    let is_read = |one: &&MergedCells| {
        (one.left..=one.right.min(cells.left().saturating_add(1_000)))
            .filter_map(|column| column.checked_sub(cells.left()))
            .any(|at| columns.name(at as usize).is_some())
    };
    let takes = |one: &&MergedCells| {
        one.top >= begins && cells.holds(one.top, one.left) && cells.has_row(one.top + 1, one.bottom)
    };
    let found: Vec<MergedCells> = merged.iter().filter(takes).filter(is_read).copied().collect();
    let Some(first) = found.first() else { return Ok(()) };
    let mut shown: Vec<String> = found.iter().take(NAMED).map(|one| one.name()).collect();
    if found.len() > NAMED {
        shown.push("…".to_owned());
    }
    let problem = format!(
        "cells of several rows are merged, and what stands there counts for the first row alone: {}",
        shown.join(", ")
    );
    let hint = "undo the merging, write into each row what it is to say, save it and import again";
    Err(vec![RowFault::whole(line(first.top), problem, hint)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_spreadsheets_name_it_and_one_row_is_none() {
        for (name, found) in [
            ("I2:I3", Some((1, 8, 2, 8))),
            ("AA10:AB12", Some((9, 26, 11, 27))),
            ("$A$1:$A$2", Some((0, 0, 1, 0))),
            ("A1:H1", None),
            ("A1", None),
            ("A0:A2", None),
            ("1:2", None),
            ("AAAAAAAAAA1:B2", None),
        ] {
            let one = MergedCells::named(name);
            assert_eq!(one.map(|one| (one.top, one.left, one.bottom, one.right)), found, "{name}");
        }
        let one = MergedCells { top: 1, left: 8, bottom: 2, right: 8 };
        assert_eq!(one.name(), "I2:I3");
    }
}
