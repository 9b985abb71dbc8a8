//! Which events a journal and a database share.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::journal::line::JournalLine;
use crate::store::journal::segment::each_line;
use crate::store::journal::status::JournalFault;

/// Whether the database has that very event.
pub(in crate::store::journal) fn has(sql: &Connection, line: &JournalLine) -> Result<bool, JournalFault> {
    has_event(sql, line.event.id, &line.event.hash)
}

fn has_event(sql: &Connection, id: i64, hash: &[u8]) -> Result<bool, JournalFault> {
    let ask = "SELECT 1 FROM audit_event WHERE id = ? AND hash = ?";
    let found = || sql.prepare_cached(ask)?.exists((id, hash));
    found().map_err(|fault: rusqlite::Error| JournalFault::Audit(fault.to_string()))
}

/// The last event in the newest file that shares one with the database; `None` where no file does.
pub(in crate::store::journal) fn last_shared(
    sql: &Connection,
    files: &[PathBuf],
    directory: &Path,
) -> Result<Option<i64>, JournalFault> {
    for path in files.iter().rev() {
        let mut lines = Vec::new();
        each_line(path, |line| lines.push((line.event.id, line.event.hash)))
            .map_err(|error| JournalFault::Io(directory.to_owned(), error.to_string()))?;
        for (id, hash) in lines.into_iter().rev() {
            if has_event(sql, id, &hash)? {
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}
