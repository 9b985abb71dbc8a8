//! Published checklists: immutable, known by the hash of their content.

use rusqlite::OptionalExtension;

use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of a published checklist version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChecklistVersionId(pub i64);

impl Tx<'_> {
    /// Publishes a checklist version, or finds it when the same content was published before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn publish_checklist(
        &mut self,
        checklist: &str,
        version: &str,
        content: &str,
    ) -> Result<ChecklistVersionId, StoreError> {
        if let Some(id) = self.checklist_version_id(checklist, version)? {
            return Ok(id);
        }
        let insert =
            "INSERT INTO checklist_version (checklist, version, content, published_at) VALUES (?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((checklist, version, content, self.at_ms()))?;
        let id = self.sql.last_insert_rowid();
        let subject = Subject::Checklist(checklist.to_owned(), version.to_owned());
        self.audit(AuditAction::ChecklistPublished, subject, &serde_json::json!({}))?;
        Ok(ChecklistVersionId(id))
    }
}

impl View<'_> {
    /// The row of a published version.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn checklist_version_id(
        &self,
        checklist: &str,
        version: &str,
    ) -> Result<Option<ChecklistVersionId>, StoreError> {
        let ask = "SELECT id FROM checklist_version WHERE checklist = ? AND version = ?";
        let found = self.sql.prepare_cached(ask)?.query_row((checklist, version), |r| r.get(0)).optional()?;
        Ok(found.map(ChecklistVersionId))
    }

    /// Name, version and content of a published version.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn checklist_content(&self, id: ChecklistVersionId) -> Result<(String, String, String), StoreError> {
        let ask = "SELECT checklist, version, content FROM checklist_version WHERE id = ?";
        let read = |r: &rusqlite::Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?));
        Ok(self.sql.prepare_cached(ask)?.query_row([id.0], read)?)
    }
}
