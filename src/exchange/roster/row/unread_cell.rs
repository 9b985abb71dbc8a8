//! Cells whose meaning a spreadsheet has kept to itself. They stand in a row as marks that no column takes, and are told in their own
//! words: read as empty, or as they stand, they would say something else of her than the list does.

use crate::exchange::roster::columns::Columns;
use crate::exchange::roster::row_fault::{CellFault, RowFault};

/// What stands in a cell that a spreadsheet has spoilt: no column takes it.
pub(in crate::exchange::roster) const SPOILT: &str = "\u{fffd}";
/// A formula whose result the file does not hold: a program wrote it, and no spreadsheet has worked it out.
pub(in crate::exchange::roster) const UNSOLVED: &str = "\u{fffd}=";
/// A date of which nobody can tell whether day and month were turned.
pub(in crate::exchange::roster) const TURNED: &str = "\u{fffd}/";

/// The faults of a row's cells that hold such a mark, in the columns that are read.
pub(in crate::exchange::roster) fn faults(
    record: &csv::ByteRecord,
    line: u64,
    columns: &Columns,
) -> Vec<RowFault> {
    let told = |(at, field): (usize, &[u8])| {
        // Nearly every cell ends this at its first byte.
        let text = field.starts_with(SPOILT.as_bytes()).then(|| std::str::from_utf8(field).ok())??;
        Some(RowFault::at(line, columns.name(at)?, fault(text)?))
    };
    record.iter().enumerate().filter_map(told).collect()
}

fn fault(text: &str) -> Option<CellFault> {
    match text.trim() {
        UNSOLVED => Some(CellFault::new(
            "is a formula without its result",
            "open the file in your spreadsheet and save it, then import it again",
        )),
        TURNED => Some(CellFault::new(
            "is a date beside dates that are text in the same column: your spreadsheet may have turned day and month",
            "compare it with the list it came from, write every date of the column as a text in the form YYYY-MM-DD, and import again",
        )),
        _ => None,
    }
}
