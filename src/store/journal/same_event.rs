//! The last event that two databases have in common: by it a copy knows what it is a copy of.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::store::db::encryption::open;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// The last event that both have: the copy's last, or, where the copy is the later one or both went on, the last one before they
/// parted.
pub(in crate::store) fn shared(copy: &View<'_>, before: &Connection) -> Result<i64, StoreError> {
    let no_event = "it is no database of the same clinic: the audits share no event";
    last_shared(copy, before)?.ok_or_else(|| StoreError::other(no_event.to_owned()))
}

/// Whether the database at `before` has patients and no event in common with the copy: it is another clinic's, or another's copy
/// was named.
///
/// # Errors
/// [`StoreError`] when `before` cannot be read.
pub fn is_of_another_clinic(copy: &View<'_>, before: &Path) -> Result<bool, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sql = open::open_with(before, flags)?;
    let has_patients: bool = sql.query_row("SELECT EXISTS (SELECT 1 FROM patient)", [], |row| row.get(0))?;
    Ok(has_patients && last_shared(copy, &sql)?.is_none())
}

fn last_shared(copy: &View<'_>, before: &Connection) -> Result<Option<i64>, StoreError> {
    let mut mine = copy.sql.prepare("SELECT id, hash FROM audit_event ORDER BY id DESC")?;
    let mut theirs = before.prepare("SELECT 1 FROM audit_event WHERE id = ? AND hash = ?")?;
    let mut rows = mine.query([])?;
    while let Some(row) = rows.next()? {
        let (id, hash): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if theirs.exists((id, hash))? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}
