//! Telephone numbers, who else may be rung, and her consent to e-mail: a table of its own, read only where a person must ring.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::contact::{ContactField, PatientContact};
use crate::care::patient::PatientId;
use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

/// What [`contact`] reads, in its order.
pub(in crate::store) const COLUMNS: &str = "patient_id, phone, phone_2, best_time, other_contact, other_phone, mail_consent_on, revision, mail_consent_by, \
     mail_consent_at";

/// A patient's contact as it stands on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactOnRecord {
    /// What is known; empty if nothing ever was.
    pub details: PatientContact,
    /// Grows with each change; 0 before the first.
    pub revision: i64,
    /// Who noted her consent to e-mail as it stands, and when.
    pub consent_noted: Option<(String, Timestamp)>,
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
        let put = "INSERT INTO contact (patient_id, phone, phone_2, best_time, other_contact, other_phone, mail_consent_on, \
                   mail_consent_by, mail_consent_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, iif(?7 IS NULL, NULL, ?8), \
                   iif(?7 IS NULL, NULL, ?9)) ON CONFLICT (patient_id) DO UPDATE SET phone = excluded.phone, \
                   phone_2 = excluded.phone_2, best_time = excluded.best_time, other_contact = excluded.other_contact, \
                   other_phone = excluded.other_phone, revision = revision + 1, mail_consent_on = excluded.mail_consent_on, \
                   mail_consent_by = iif(mail_consent_on IS excluded.mail_consent_on, mail_consent_by, excluded.mail_consent_by), \
                   mail_consent_at = iif(mail_consent_on IS excluded.mail_consent_on, mail_consent_at, excluded.mail_consent_at)";
        let [phone, second, best_time, other, other_phone, consent] =
            ContactField::ALL.map(|field| details.text(field));
        let (by, at) = (self.actor().word(), self.at_ms());
        self.sql.prepare_cached(put)?.execute((
            patient.0,
            phone,
            second,
            best_time,
            other,
            other_phone,
            consent,
            by,
            at,
        ))?;
        Ok(())
    }
}

/// Builds a contact from a row of [`COLUMNS`].
pub(in crate::store) fn contact(row: &Row<'_>) -> Result<ContactOnRecord, StoreError> {
    of_row("contact", row, 0, || {
        let texts = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
        let (by, at): (Option<String>, Option<i64>) = (row.get(8)?, row.get(9)?);
        let consent_noted = by.zip(at.map(instant));
        Ok(ContactOnRecord {
            details: PatientContact::on_record(texts),
            revision: row.get(7)?,
            consent_noted,
        })
    })
}
