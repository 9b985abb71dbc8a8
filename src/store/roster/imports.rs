//! An import on record: when, by whom, whom it brought.

use crate::care::patient::PatientId;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImportId(pub i64);

impl From<ImportId> for Subject {
    fn from(id: ImportId) -> Self {
        Self::Import(id.0)
    }
}

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
