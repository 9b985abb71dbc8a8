//! How values stand in columns: instants as milliseconds, days as text.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::error::StoreError;

/// Milliseconds since 1970 UTC, as stored.
#[must_use]
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The instant of a stored value; values outside jiff's range clamp to its ends.
#[must_use]
pub fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A civil date as stored.
pub(in crate::store) fn date(text: &str) -> Result<jiff::civil::Date, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt("date"))
}

/// A name that things are counted by. What is no text is shown as well as it goes: a count must not end on it.
pub(in crate::store) fn name(row: &rusqlite::Row<'_>, at: usize) -> Result<String, StoreError> {
    let bytes = row.get_ref(at)?.as_bytes().map_err(|_| StoreError::corrupt("name"))?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// All rows of a question.
pub(in crate::store) fn rows<T>(
    sql: &Connection,
    ask: &str,
    parameters: impl rusqlite::Params,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = sql.prepare_cached(ask)?;
    let found = statement.query_map(parameters, read)?.collect::<rusqlite::Result<Vec<T>>>()?;
    Ok(found)
}
