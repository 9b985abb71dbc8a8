//! Telephone numbers and who else may be rung: a table of its own, read only where a person must ring.

use rusqlite::Row;

use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::PatientId;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// What [`contact`] reads, in its order.
pub(in crate::store) const COLUMNS: &str =
    "patient_id, phone, phone_2, best_time, other_contact, other_phone, revision";

/// A patient's contact as it stands on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactOnRecord {
    /// What is known; empty if nothing ever was.
    pub details: PatientContact,
    /// Grows with each change; 0 before the first.
    pub revision: i64,
}

impl View<'_> {
    /// How a patient is reached by telephone. A row that cannot be read is noted, becomes a task, and counts as none: no
    /// alert's page and no export waits for it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn contact(&self, patient: PatientId) -> Result<ContactOnRecord, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM contact WHERE patient_id = ?");
        Ok(self.readable(&ask, [patient.0], contact)?.pop().unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Writes a patient's contact as given. Writes no audit event: the step that changes it does.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn put_contact(&mut self, patient: PatientId, details: &PatientContact) -> Result<(), StoreError> {
        let put = "INSERT INTO contact (patient_id, phone, phone_2, best_time, other_contact, other_phone) \
                   VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (patient_id) DO UPDATE SET phone = excluded.phone, \
                   phone_2 = excluded.phone_2, best_time = excluded.best_time, other_contact = excluded.other_contact, \
                   other_phone = excluded.other_phone, revision = revision + 1";
        let [phone, second, best_time, other, other_phone] =
            ContactField::ALL.map(|field| details.text(field));
        self.sql.prepare_cached(put)?.execute((patient.0, phone, second, best_time, other, other_phone))?;
        Ok(())
    }
}

/// Builds a contact from a row of [`COLUMNS`].
pub(in crate::store) fn contact(row: &Row<'_>) -> Result<ContactOnRecord, StoreError> {
    of_row("contact", row, 0, || {
        let texts = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
        Ok(ContactOnRecord { details: PatientContact::on_record(texts), revision: row.get(6)? })
    })
}
