//! What was tried for an alert or a task before it ended: entries that are written once and never changed. What people wrote
//! in them is personal: it stays in this table and is shown to staff only.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::contact_kind::ContactKind;
use crate::care::patient::PatientId;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// What an entry belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContactSubject {
    /// An alert; its entries name the patient as well.
    Alert(AlertId),
    /// A task, by its number; it need not be about a patient.
    Task(i64),
}

impl ContactSubject {
    const fn column(self) -> &'static str {
        match self {
            Self::Alert(_) => "alert_id",
            Self::Task(_) => "task_id",
        }
    }

    const fn number(self) -> i64 {
        match self {
            Self::Alert(id) => id.0,
            Self::Task(id) => id,
        }
    }
}

impl From<ContactSubject> for Subject {
    fn from(subject: ContactSubject) -> Self {
        match subject {
            ContactSubject::Alert(id) => Self::Alert(id.0),
            ContactSubject::Task(id) => Self::Task(id),
        }
    }
}

/// What somebody reports. No Debug: it holds what a person wrote.
#[derive(Clone)]
pub struct ContactReport {
    /// What was tried, and what came of it.
    pub kind: ContactKind,
    /// The account that goes on with it, where it was handed over.
    pub handed_to: Option<String>,
    /// In the person's words; may be empty.
    pub note: String,
    /// When somebody means to try again; for a task put off, when it comes back.
    pub again_at: Option<Timestamp>,
}

/// An entry as it stands. No Debug: it holds what a person wrote.
#[derive(Clone)]
pub struct ContactEntry {
    /// Its row; the newest entry has the highest.
    pub id: i64,
    /// When it was written down.
    pub at: Timestamp,
    /// Who wrote it: an actor.
    pub by: String,
    /// What its author reported; no entry is changed later.
    pub report: ContactReport,
}

const COLUMNS: &str = "id, logged_at, logged_by, kind, handed_to, note, again_at";
/// Entries on a page: more than anybody writes about one alert.
const MOST: u32 = 50;

impl Tx<'_> {
    /// Writes an entry; the audit tells that, never its words.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn log_contact(
        &mut self,
        subject: ContactSubject,
        patient: Option<PatientId>,
        report: &ContactReport,
    ) -> Result<i64, StoreError> {
        let insert = format!(
            "INSERT INTO contact_log (patient_id, {}, logged_at, logged_by, kind, handed_to, note, again_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            subject.column()
        );
        let note = Some(&report.note).filter(|note| !note.is_empty());
        self.sql.prepare_cached(&insert)?.execute((
            patient.map(|p| p.0),
            subject.number(),
            self.at_ms(),
            self.actor().word(),
            report.kind.word(),
            &report.handed_to,
            note,
            report.again_at.map(millis),
        ))?;
        let id = self.sql.last_insert_rowid();
        let detail = serde_json::json!({
            "entry": id, "kind": report.kind.word(), "to": report.handed_to,
            "again_at": report.again_at.map(|at| at.to_string()), "with_note": note.is_some(),
        });
        self.audit(AuditAction::ContactLogged, subject, &detail)?;
        Ok(id)
    }
}

impl View<'_> {
    /// What was tried for it, newest first; the newest fifty.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn contacts(&self, subject: ContactSubject) -> Result<Vec<ContactEntry>, StoreError> {
        self.newest_contacts(subject, MOST)
    }

    /// What was tried last for it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn last_contact(&self, subject: ContactSubject) -> Result<Option<ContactEntry>, StoreError> {
        Ok(self.newest_contacts(subject, 1)?.pop())
    }

    fn newest_contacts(&self, subject: ContactSubject, most: u32) -> Result<Vec<ContactEntry>, StoreError> {
        self.readable(&newest(subject), (subject.number(), most), entry)
    }
}

fn newest(subject: ContactSubject) -> String {
    format!("SELECT {COLUMNS} FROM contact_log WHERE {} = ? ORDER BY id DESC LIMIT ?", subject.column())
}

fn entry(row: &Row<'_>) -> Result<ContactEntry, StoreError> {
    of_row("contact_log", row, 0, || {
        let kind: String = row.get(3)?;
        let report = ContactReport {
            kind: ContactKind::parse(&kind).ok_or_else(|| StoreError::corrupt("kind of contact"))?,
            handed_to: row.get(4)?,
            note: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            again_at: row.get::<_, Option<i64>>(6)?.map(instant),
        };
        Ok(ContactEntry { id: row.get(0)?, at: instant(row.get(1)?), by: row.get(2)?, report })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn the_last_entry_is_found_without_reading_those_of_others() {
        let (_dir, store) = fresh();
        for (subject, index) in [
            (ContactSubject::Alert(AlertId(1)), "contact_log_alert"),
            (ContactSubject::Task(1), "contact_log_task"),
        ] {
            let steps = plan(&store, &newest(subject), &["1", "1"]);
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
        }
    }
}
