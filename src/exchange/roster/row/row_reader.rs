//! Reads the cells of one row and notes every fault with its column.

use crate::exchange::roster::cells;
use crate::exchange::roster::columns::Columns;
use crate::exchange::roster::row_fault::{CellFault, RowFault};

/// One row of the file, and what was found wrong in it so far.
pub(super) struct RowReader<'r> {
    pub(super) record: &'r csv::ByteRecord,
    pub(super) columns: &'r Columns,
    pub(super) line: u64,
    pub(super) faults: Vec<RowFault>,
}

impl RowReader<'_> {
    /// The text of a column without the spaces around it; empty when the column is not there.
    pub(super) fn text(&self, column: &'static str) -> &str {
        let field = self.columns.place(column).and_then(|at| self.record.get(at)).unwrap_or_default();
        cells::meant(cells::trimmed(std::str::from_utf8(field).unwrap_or_default()))
    }

    pub(super) fn need<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, CellFault>,
    ) -> Option<T> {
        match read(self.text(column)) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.faults.push(RowFault::at(self.line, column, wrong));
                None
            }
        }
    }

    pub(super) fn may<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, CellFault>,
    ) -> Option<T> {
        if self.text(column).is_empty() { None } else { self.need(column, read) }
    }
}
