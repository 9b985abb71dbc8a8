//! Where a row stands. Nothing personal: a table and a number.

/// Where a row stands. Nothing personal: a table and a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowLocation {
    /// The table, by its name in SQL.
    pub table: String,
    /// The row's key in it: a number, or the first part of a key that is none.
    pub row: String,
}

impl RowLocation {
    /// A place from how it is written, `table/row`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (table, row) = text.split_once('/')?;
        Some(Self { table: table.to_owned(), row: row.to_owned() })
    }
}

impl std::fmt::Display for RowLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.table, self.row)
    }
}

/// Which column holds what cannot be taken out of it.
pub(in crate::store) fn column(error: &rusqlite::Error) -> Option<String> {
    use rusqlite::Error;
    match error {
        Error::InvalidColumnType(at, name, _) => Some(format!("column {at}, {name}")),
        Error::FromSqlConversionFailure(at, ..)
        | Error::IntegralValueOutOfRange(at, _)
        | Error::Utf8Error(at, _) => Some(format!("column {at}")),
        _ => None,
    }
}
