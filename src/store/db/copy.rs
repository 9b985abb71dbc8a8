//! Whole databases are copied and closed: a source with its log, a copy made ready to be renamed.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use crate::store::audit_action::AuditAction;
use crate::store::database;
use crate::store::db::columns::{self, rows};
use crate::store::db::encryption::file_uri::uri;
use crate::store::db::encryption::log_files::{LOGS, has_log};
use crate::store::db::encryption::open;
use crate::store::db::encryption::paths::beside;
use crate::store::db::health;
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Copies a database that nobody works with, together with what its log holds, into a new file. The source stays as it is,
/// also on a medium that cannot be written.
///
/// # Errors
/// [`StoreError`] when it cannot be read or the copy cannot be written; then no half copy is left.
pub fn take(source: &Path, to: &Path, pace: &dyn Pace) -> Result<(), StoreError> {
    database::there(source)?;
    if !has_log(source) {
        return View::of(&still(source)?).copy_to(to, pace);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let with_log = open::open_with(source, flags);
    match with_log.and_then(|sql| View::of(&sql).copy_to(to, pace)) {
        // Its directory may be closed to us: SQLite then cannot read the log in its place.
        Err(fault) if fault.is_configuration() => take_apart(source, to),
        done => done,
    }
}

/// A database without a log is read as what it is: a file that does not change. Nothing is left beside it.
fn still(source: &Path) -> Result<Connection, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    open::open_as(source, Path::new(&uri(source, "immutable=1")), flags)
}

/// File and log are copied one by one and put together in the new place.
fn take_apart(source: &Path, to: &Path) -> Result<(), StoreError> {
    let copied = || -> Result<(), StoreError> {
        for suffix in LOGS.into_iter().chain([""]) {
            let (from, to) = (beside(source, suffix), beside(to, suffix));
            if from.exists() {
                std::fs::copy(&from, &to).map_err(|error| StoreError::io(&from, &error))?;
            }
        }
        super::connect::restrict(to)?;
        fold(to)
    };
    copied().inspect_err(|_| discard(to))
}

/// What a whole copy is a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyOrigin {
    /// This database, as it goes on.
    Same,
    /// This database before a backup was restored: what it holds beyond that backup is no part of this one.
    BeforeRestore,
}

/// Proves that a file is a whole copy of this database, with everything that was recorded before `since`, or of what it was
/// before a backup was restored. Neither is changed.
///
/// # Errors
/// [`StoreError`] saying what is wrong with it.
pub fn prove(
    view: &View<'_>,
    copy: &Path,
    since: jiff::Timestamp,
    pace: &Arc<dyn Pace>,
) -> Result<CopyOrigin, StoreError> {
    database::there(copy)?;
    let mut sql = still(copy)?;
    health::rest_by(pace, &mut sql)?;
    let complaints = View::of(&sql).quick_check()?;
    if let Some(complaint) = complaints.first() {
        return Err(StoreError::damaged(complaint));
    }
    let last = "SELECT id, hash FROM audit_event ORDER BY id DESC LIMIT 1";
    let (id, hash): (i64, Vec<u8>) = sql.query_row(last, [], |r| Ok((r.get(0)?, r.get(1)?)))?;
    if !view.sql.prepare("SELECT 1 FROM audit_event WHERE id = ? AND hash = ?")?.exists((id, hash))? {
        if is_before_restore(view, &sql)? {
            return Ok(CopyOrigin::BeforeRestore);
        }
        return Err(StoreError::other("it is the copy of another database".to_owned()));
    }
    let later = "SELECT 1 FROM audit_event WHERE id > ? AND at < ?";
    match view.sql.prepare(later)?.exists((id, columns::millis(since)))? {
        true => Err(StoreError::other("it was made earlier than its name says".to_owned())),
        false => Ok(CopyOrigin::Same),
    }
}

/// Whether a copy goes on from the very event behind which a backup was restored here.
fn is_before_restore(view: &View<'_>, copy: &Connection) -> Result<bool, StoreError> {
    let ask = "SELECT id, hash FROM audit_event WHERE id = (SELECT max(id) FROM audit_event WHERE id < \
               (SELECT max(id) FROM audit_event WHERE action = ?))";
    let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, i64>(0)?, r.get::<_, Vec<u8>>(1)?));
    let Some(last) = rows(view.sql, ask, [AuditAction::DatabaseRestored.name()], read)?.pop() else {
        return Ok(false);
    };
    Ok(copy.prepare("SELECT 1 FROM audit_event WHERE id = ? AND hash = ?")?.exists(last)?)
}

/// Removes a database that is not wanted, with its log.
pub fn discard(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal", ""] {
        drop(std::fs::remove_file(beside(path, suffix)));
    }
}

/// Folds the log of a database into its file, so that the file alone is all of it.
///
/// # Errors
/// [`StoreError`]; `is_busy` when somebody works with it.
pub fn fold(path: &Path) -> Result<(), StoreError> {
    let sql = open::open(path)?;
    sql.busy_timeout(std::time::Duration::from_secs(5))?;
    let busy: i64 = sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
    sql.close().map_err(|(_, fault)| StoreError::from(fault))?;
    // Whoever closes it last takes the log away.
    match busy == 0 && !beside(path, "-wal").exists() {
        true => Ok(()),
        false => Err(StoreError::held()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::online::pace::NoPace;
    use crate::store::db::transaction::Stamp;

    fn fact(path: &Path) -> Option<String> {
        health::peek(path, |view| view.fact("x")).unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut all: Vec<_> =
            std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        all.sort();
        all
    }

    /// A database as a killed daemon leaves it: the newest change stands in the log alone.
    fn killed(dir: &Path) -> std::path::PathBuf {
        let path = dir.join("live.db");
        let store = Store::open(&path, OpenMode::Create).unwrap();
        store.write_blocking(Stamp::daemon(jiff::Timestamp::UNIX_EPOCH), |tx| tx.set_fact("x", "1")).unwrap();
        let left = dir.join("left?#%.db");
        for suffix in ["", "-wal"] {
            std::fs::copy(beside(&path, suffix), beside(&left, suffix)).unwrap();
        }
        drop(store);
        discard(&path);
        left
    }

    #[test]
    fn a_log_beside_the_source_is_read_with_it() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let left = killed(dir.path());
        let whole = |from: &Path, to: &Path| take(from, to, &NoPace);
        for (name, how) in [("a.db", whole as fn(&Path, &Path) -> _), ("b.db", take_apart)] {
            how(&left, &out.path().join(name)).unwrap();
            assert_eq!(fact(&out.path().join(name)).as_deref(), Some("1"), "{name}");
        }
    }

    #[test]
    fn nothing_is_left_beside_a_source_without_a_log() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let left = killed(dir.path());
        fold(&left).unwrap();
        let before = names(dir.path());
        take(&left, &out.path().join("a.db"), &NoPace).unwrap();
        assert_eq!((names(dir.path()), fact(&out.path().join("a.db")).as_deref()), (before, Some("1")));
    }

    #[test]
    fn a_database_somebody_works_with_is_not_folded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let store = Store::open(&path, OpenMode::Create).unwrap();
        assert!(fold(&path).unwrap_err().is_busy());
        drop(store);
        fold(&path).unwrap();
    }
}
