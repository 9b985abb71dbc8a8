//! An import on record: when, by whom, whom it brought.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::patient::PatientId;
use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::{of_row, shown};
use crate::store::error::StoreError;
use crate::store::row_page::{RowPage, RowPageReader};
use crate::store::subject::Subject;

/// Row identity of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImportId(pub i64);

impl From<ImportId> for Subject {
    fn from(id: ImportId) -> Self {
        Self::Import(id.0)
    }
}

/// An import as it stands on record.
#[derive(Debug, Clone)]
pub struct ImportRecord {
    /// Row of the import.
    pub id: ImportId,
    /// When it was taken in.
    pub at: Timestamp,
    /// Who took it in: an actor's word.
    pub by: String,
    /// How many it brought.
    pub added: i64,
    /// How many on record it changed.
    pub changed: i64,
    /// When it was undone, by whom, and how many were removed.
    pub undone: Option<ImportUndone>,
}

/// That an import was undone.
#[derive(Debug, Clone)]
pub struct ImportUndone {
    /// When it was undone.
    pub at: Timestamp,
    /// Who undid it: an actor's word.
    pub by: String,
    /// How many were removed.
    pub removed: i64,
}

const COLUMNS: &str = "id, imported_at, imported_by, added, changed, undone_at, undone_by, removed";

/// What an import came to.
#[derive(Debug, Clone, Copy)]
pub struct NewImport {
    /// How many were taken in as new.
    pub added: i64,
    /// How many on record were changed.
    pub changed: i64,
    /// How many dates of its list are booked a working day.
    pub bookings_a_day: u32,
}

impl Tx<'_> {
    /// Writes an import down, with whom it brought.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_import(&mut self, new: &NewImport, brought: &[PatientId]) -> Result<ImportId, StoreError> {
        let insert = "INSERT INTO roster_import (imported_at, imported_by, added, changed, bookings_a_day) VALUES (?, ?, ?, ?, ?)";
        let row = (self.at_ms(), self.actor().word(), new.added, new.changed, new.bookings_a_day);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let id = ImportId(self.sql.last_insert_rowid());
        let mut insert =
            self.sql.prepare_cached("INSERT INTO import_patient (patient_id, import_id) VALUES (?, ?)")?;
        for patient in brought {
            insert.execute((patient.0, id.0))?;
        }
        Ok(id)
    }
}

impl View<'_> {
    /// Imports, the newest first, at most so many before that one; `None` begins at the newest.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn imports(&self, before: Option<ImportId>, limit: u32) -> Result<RowPage<ImportRecord>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM roster_import WHERE id < ? ORDER BY id DESC LIMIT ?");
        let page = RowPageReader::new(limit);
        let values = (before.map_or(i64::MAX, |id| id.0), page.asked());
        Ok(page.page(self.readable(&ask, values, |row| page.row(import(row)))?))
    }

    /// The import of that row, undone or not.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn import(&self, id: ImportId) -> Result<ImportRecord, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM roster_import WHERE id = ?");
        self.one(&ask, [id.0], import)?.ok_or_else(|| StoreError::not_found(&format!("import `{}`", id.0)))
    }
}

fn import(row: &Row<'_>) -> Result<ImportRecord, StoreError> {
    of_row("roster_import", row, 0, || {
        let undone = match row.get::<_, Option<i64>>(5)? {
            None => None,
            Some(at) => Some(ImportUndone { at: instant(at), by: shown(row, 6)?, removed: row.get(7)? }),
        };
        Ok(ImportRecord {
            id: ImportId(row.get(0)?),
            at: instant(row.get(1)?),
            by: shown(row, 2)?,
            added: row.get(3)?,
            changed: row.get(4)?,
            undone,
        })
    })
}
