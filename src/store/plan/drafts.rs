//! Drafts of protocols that staff write: the text as it stands, and its revision, so that nobody overwrites a colleague.

use jiff::Timestamp;
use rusqlite::Row;

use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DraftId(pub i64);

impl From<DraftId> for Subject {
    fn from(id: DraftId) -> Self {
        Self::ProtocolDraft(id.0)
    }
}

/// What a draft says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftText {
    /// The name of the protocol it will be.
    pub protocol: String,
    /// Its text, in the form of a protocol file.
    pub content: String,
}

/// A draft as it stands.
#[derive(Debug, Clone)]
pub struct ProtocolDraft {
    /// Row of the draft.
    pub id: DraftId,
    /// The text as it stands.
    pub text: DraftText,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// What it was made from; empty where from nothing.
    pub begun_from: String,
    /// Since when there is it.
    pub begun_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Who changed it last: an actor's word.
    pub changed_by: String,
    /// Whether it can still be changed: it was neither published nor thrown away.
    pub is_open: bool,
}

const COLUMNS: &str =
    "id, protocol, content, revision, begun_from, begun_at, changed_at, changed_by, ended_at IS NULL";

/// More open drafts than anybody works on.
const MOST: u32 = 50;

fn draft(row: &Row<'_>) -> Result<ProtocolDraft, StoreError> {
    of_row("protocol_draft", row, 0, || {
        Ok(ProtocolDraft {
            id: DraftId(row.get(0)?),
            text: DraftText { protocol: row.get(1)?, content: row.get(2)? },
            revision: row.get(3)?,
            begun_from: row.get(4)?,
            begun_at: instant(row.get(5)?),
            changed_at: instant(row.get(6)?),
            changed_by: row.get(7)?,
            is_open: row.get(8)?,
        })
    })
}

impl Tx<'_> {
    /// Writes a new draft down, at revision 1.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_draft(&mut self, text: &DraftText, begun_from: &str) -> Result<DraftId, StoreError> {
        let insert = "INSERT INTO protocol_draft (protocol, content, revision, begun_from, begun_at, begun_by, changed_at, \
                      changed_by) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?4, ?5)";
        let by = self.actor().word();
        let row = (&text.protocol, &text.content, begun_from, self.at_ms(), by);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(DraftId(self.sql.last_insert_rowid()))
    }

    /// Gives an open draft other words, if it still is the revision that the writer saw. Returns whether it was.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn change_draft(&mut self, id: DraftId, text: &DraftText, seen: u32) -> Result<bool, StoreError> {
        let change = "UPDATE protocol_draft SET protocol = ?1, content = ?2, revision = revision + 1, changed_at = ?3, \
                      changed_by = ?4 WHERE id = ?5 AND revision = ?6 AND ended_at IS NULL";
        let row = (&text.protocol, &text.content, self.at_ms(), self.actor().word(), id.0, seen);
        Ok(self.sql.prepare_cached(change)?.execute(row)? == 1)
    }

    /// Ends a draft: it was published, or thrown away.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_draft(&mut self, id: DraftId) -> Result<(), StoreError> {
        let end = "UPDATE protocol_draft SET ended_at = ? WHERE id = ? AND ended_at IS NULL";
        self.sql.prepare_cached(end)?.execute((self.at_ms(), id.0))?;
        Ok(())
    }
}

impl View<'_> {
    /// The draft of that row, whether it is open or not.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn draft(&self, id: DraftId) -> Result<ProtocolDraft, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM protocol_draft WHERE id = ?");
        self.one(&ask, [id.0], draft)?.ok_or_else(|| StoreError::not_found("draft"))
    }

    /// The drafts somebody works on, by name.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn drafts_open(&self) -> Result<Vec<ProtocolDraft>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM protocol_draft WHERE ended_at IS NULL ORDER BY protocol, id LIMIT {MOST}"
        );
        self.readable(&ask, [], draft)
    }
}
