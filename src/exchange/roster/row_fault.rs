//! What is wrong with a row: the column, the reason, what to do.

/// One thing wrong in one row. It never repeats a name, an address or a birth date.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowFault {
    /// Line in the file, from 1; of the row's beginning.
    pub line: u64,
    /// The column, unless the whole row is meant.
    pub column: Option<&'static str>,
    /// What is wrong.
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

    pub(crate) fn at(line: u64, column: &'static str, wrong: (impl Into<String>, impl Into<String>)) -> Self {
        Self { line, column: Some(column), problem: wrong.0.into(), hint: wrong.1.into() }
    }
}

/// A column and what is wrong in it.
pub(in crate::exchange::roster) type RowFaultKind = (String, String);
