//! What is wrong with a row: the column, the reason, what to do.

use crate::care::record::field_check::EntryFault;

/// One thing wrong in one row. It never repeats a name, an address or a birth date.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowFault {
    /// Line in the file, from 1; of the row's beginning.
    pub line: u64,
    /// The column, unless the whole row is meant.
    pub column: Option<&'static str>,
    /// What is wrong; goes on from the column's name.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

impl RowFault {
    /// A fault of a whole row.
    #[must_use]
    pub fn whole(line: u64, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, column: None, problem: problem.into(), hint: hint.into() }
    }

    /// A fault of one cell.
    #[must_use]
    pub fn at(line: u64, column: &'static str, cell: CellFault) -> Self {
        Self { line, column: Some(column), problem: cell.problem, hint: cell.hint }
    }
}

/// What is wrong with the text of a cell, whatever line and column it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// What is wrong; goes on from the column's name.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

impl CellFault {
    /// A fault and its hint.
    #[must_use]
    pub fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: hint.into() }
    }
}

impl From<EntryFault> for CellFault {
    fn from(fault: EntryFault) -> Self {
        Self { problem: fault.problem, hint: fault.hint }
    }
}
