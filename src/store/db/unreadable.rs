//! Rows that cannot be read: noted wherever one is met, by table and row only, so that one of them stops no other and a
//! person learns of it.

use std::sync::PoisonError;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row};

use crate::care::patient::PatientId;
use crate::care::task::TaskKind;
use crate::store::db::row_location::RowLocation;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Reads something of one row, whose number stands in column `at`: what cannot be read says where it stands.
pub(in crate::store) fn of_row<T>(
    table: &'static str,
    row: &Row<'_>,
    at: usize,
    read: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    read().map_err(|fault| match shown(row, at) {
        Ok(row) => fault.at(RowLocation { table: table.to_owned(), row }),
        Err(_) => fault,
    })
}

/// A text as far as it can be read, for names that are only shown.
pub(in crate::store) fn shown(row: &Row<'_>, at: usize) -> Result<String, StoreError> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Null => "?".to_owned(),
    })
}

/// A word of a closed list.
pub(in crate::store) fn word(text: String, list: &[&str]) -> Result<String, StoreError> {
    if list.contains(&text.as_str()) { Ok(text) } else { Err(StoreError::corrupt("an unknown state")) }
}

/// A text byte for byte, whether it can be read or not.
pub(in crate::store) fn raw(row: &Row<'_>, at: usize) -> Result<Vec<u8>, StoreError> {
    match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
        _ => Ok(shown(row, at)?.into_bytes()),
    }
}

impl View<'_> {
    /// Notes that a row cannot be read.
    pub fn note_unread(&self, table: &str, row: i64, why: &str) {
        self.unread.note(RowLocation { table: table.to_owned(), row: row.to_string() }, why.to_owned());
    }

    /// Notes that a row can neither be read nor put off: SQLite refuses every change of it. Questions about what is due leave it
    /// out until what was met is taken, so that nobody goes round and round it.
    pub fn note_stuck(&self, table: &str, row: i64) {
        let place = RowLocation { table: table.to_owned(), row: row.to_string() };
        self.unread.stuck.lock().unwrap_or_else(PoisonError::into_inner).insert(place);
    }

    /// Numbers of rows of a table that questions about what is due leave out, as a list in SQL.
    pub(in crate::store) fn stuck(&self, table: &str) -> String {
        let stuck = self.unread.stuck.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = stuck
            .iter()
            .filter(|place| place.table == table)
            .filter_map(|place| place.row.parse::<i64>().ok());
        rows.map(|row| row.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Notes that the row at a place cannot be read.
    pub fn note_place(&self, place: &RowLocation, why: &str) {
        self.unread.note(place.clone(), why.to_owned());
    }

    /// Whom a row is about, if it is about a patient who is on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn whose(&self, place: &RowLocation) -> Result<Option<PatientId>, StoreError> {
        let column = match place.table.as_str() {
            "patient" => "id",
            "enrolment" | "follow_up" | "appointment" | "delivery" | "reminder" | "link" | "response"
            | "alert" | "baseline" | "known_mark" => "patient_id",
            _ => return Ok(None),
        };
        let ask = format!(
            "SELECT p.id FROM patient p WHERE p.id = (SELECT {column} FROM {} WHERE id = CAST(? AS INTEGER))",
            place.table
        );
        Ok(self.sql.prepare(&ask)?.query_row([&place.row], |r| r.get(0)).optional()?.map(PatientId))
    }

    /// Causes of a kind of task: of those that are open, and of lasting conditions that stand without one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn causes(&self, kind: TaskKind) -> Result<Vec<String>, StoreError> {
        let mut ask = "SELECT cause FROM task WHERE kind = ?1 AND state = 'open'".to_owned();
        if self.has_table("standing")? {
            ask.push_str(" UNION SELECT cause FROM standing WHERE kind = ?1");
        }
        self.all(&ask, [kind.word()], |r| Ok(r.get(0)?))
    }

    /// Notes what cannot be read, and passes it on.
    pub(in crate::store) fn noted<T>(&self, found: Result<T, StoreError>) -> Result<T, StoreError> {
        found.inspect_err(|fault| {
            if let Some(place) = fault.place() {
                self.unread.note(place.clone(), fault.why().to_owned());
            }
        })
    }

    /// Rows of a question about one record, all or none: a rule that saw only some of them would decide wrongly.
    pub(in crate::store) fn all<T>(
        &self,
        ask: &str,
        parameters: impl rusqlite::Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.sql.prepare_cached(ask)?;
        let found = statement.query_map(parameters, |row| Ok(read(row)))?;
        found.map(|row| self.noted(row?)).collect()
    }

    /// The rows of a list that can be read; the others are noted.
    pub(in crate::store) fn readable<T>(
        &self,
        ask: &str,
        parameters: impl rusqlite::Params,
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.sql.prepare_cached(ask)?;
        let found = statement.query_map(parameters, |row| Ok(read(row)))?;
        let mut all = Vec::new();
        for row in found {
            match self.noted(row?) {
                Ok(row) => all.push(row),
                Err(fault) if fault.is_unreadable() => tracing::error!(%fault, "a list goes on without it"),
                Err(fault) => return Err(fault),
            }
        }
        Ok(all)
    }

    /// The one row of a question, if there is one.
    pub(in crate::store) fn one<T>(
        &self,
        ask: &str,
        parameters: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let found = self.sql.prepare_cached(ask)?.query_row(parameters, |row| Ok(read(row))).optional()?;
        found.map(|row| self.noted(row)).transpose()
    }
}
