//! How connections are set up: the one that writes, those that read.

use std::cell::Cell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::store::db::encryption::open;
use crate::store::error::StoreError;

/// How many KiB of pages the writer keeps, as SQLite counts them (negative). A burst of letters touches the same pages again and
/// again.
const KEPT_PAGES: i64 = -8 * 1024;
/// The same during a change of many rows.
const MANY_PAGES: i64 = -96 * 1024;

/// The pages that the writer keeps in memory: more during a change of many rows, as before after it.
#[derive(Default)]
pub(in crate::store) struct PageCache {
    is_widened: Cell<bool>,
}

impl PageCache {
    /// Makes room for a change of many rows.
    pub(in crate::store) fn widen(&self, writer: &Connection) -> Result<(), StoreError> {
        self.is_widened.set(true);
        Ok(writer.pragma_update(None, "cache_size", MANY_PAGES)?)
    }

    /// Lets go of what a change of many rows needed; called when a transaction has ended.
    pub(in crate::store) fn settle(&self, writer: &Connection) {
        if self.is_widened.replace(false) {
            // Where it fails, the pages are kept: nothing but memory is lost.
            drop(writer.pragma_update(None, "cache_size", KEPT_PAGES));
        }
    }
}

/// The log is folded when it is so many pages long: 32 MB.
pub(in crate::store) const FOLDED_AT: i32 = 8_000;

/// After so many steps of SQLite it is looked whether long work is to be given up: often enough, and too seldom to cost anything.
const LOOK_EVERY: i32 = 100;

/// Makes a connection the writer's.
pub(in crate::store) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(60))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", KEPT_PAGES)?;
    // The log is folded seldom. The writer's own hook (`log_limit::begin`) takes the place of SQLite's; who works beside it has
    // this one.
    connection.pragma_update(None, "wal_autocheckpoint", FOLDED_AT)?;
    // What is deleted or overwritten leaves nothing in its page: an erased name must not lie there for years.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(128);
    keep_plans(connection)
}

/// SQLite would plan a cached statement anew for each new value it is bound to (a third of a pass).
fn keep_plans(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Whether somebody may write to this database within that time; nothing is written. Whoever only asks does not wait as long as a
/// change would.
///
/// # Errors
/// [`StoreError`]; `is_busy` while another process holds it.
pub(in crate::store) fn may_write(path: &Path, within: std::time::Duration) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open::open_with(path, flags)?;
    connection.busy_timeout(within)?;
    Ok(connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?)
}

/// A connection that only reads.
pub(in crate::store) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open::open_with(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // Readers ask point questions: a small cache each keeps the idle daemon small.
    connection.pragma_update(None, "cache_size", -512)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_plans(&connection)?;
    Ok(connection)
}

/// A new database is readable by its owner only.
pub(in crate::store) fn restrict(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        .map_err(|e| StoreError::io(path, &e))
}

/// Folds the log of a database into its file and empties it, beside whoever works with it.
///
/// # Errors
/// [`StoreError`]; `is_busy` when somebody reads for longer than it waits.
pub(in crate::store) fn fold_beside(path: &Path) -> Result<(), StoreError> {
    folded(&beside_others(path)?)
}

/// Folds as much of the log as nobody reads any more. Those who write go on meanwhile.
///
/// # Errors
/// [`StoreError`].
pub(in crate::store) fn fold_meanwhile(path: &Path) -> Result<(), StoreError> {
    let sql = open::open(path)?;
    Ok(sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Writes the whole file anew, without what lay in pages that are not in use any more; given up after that time.
///
/// # Errors
/// As [`fold_beside`]; `is_stopped` when the time was too short, `is_full` when the disk has no room for a second one.
pub(in crate::store) fn write_anew(path: &Path, within: Duration) -> Result<(), StoreError> {
    let mut sql = beside_others(path)?;
    let is_over = Arc::new(AtomicBool::new(within.is_zero()));
    let looks = Arc::clone(&is_over);
    sql.progress_handler(LOOK_EVERY, Some(move || looks.load(Ordering::Relaxed)))?;
    let (ends, end) = mpsc::channel::<()>();
    let timer = std::thread::spawn(move || {
        if end.recv_timeout(within) == Err(RecvTimeoutError::Timeout) {
            is_over.store(true, Ordering::Relaxed);
        }
    });
    let written = sql.execute_batch("VACUUM");
    drop(ends);
    // It does nothing that could panic.
    drop(timer.join());
    sql.progress_handler(LOOK_EVERY, None::<fn() -> bool>)?;
    written?;
    // All of it lies in the log. It goes to its place beside those who write, so that whoever folds the rest holds them for a
    // moment only; where it fails, the log is as it was.
    drop(sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
    Ok(())
}

/// A connection of its own: neither is possible within a change.
fn beside_others(path: &Path) -> Result<Connection, StoreError> {
    let sql = open::open(path)?;
    prepare(&sql)?;
    sql.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(sql)
}

fn folded(sql: &Connection) -> Result<(), StoreError> {
    let busy: i64 = sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
    if busy == 0 { Ok(()) } else { Err(StoreError::held()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, stamp};
    use crate::store::db::transaction::Tx;

    #[test]
    fn every_connection_distrusts_what_a_schema_brings_along() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let writer = open::open(&path).unwrap();
        prepare(&writer).unwrap();
        writer.execute_batch("CREATE TABLE t (x)").unwrap();
        for sql in [&writer, &reader(&path).unwrap(), &open::open(&path).unwrap()] {
            assert!(sql.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE).unwrap());
            assert!(!sql.db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA).unwrap());
        }
        writer.pragma_update(None, "writable_schema", true).unwrap();
        assert!(writer.execute("UPDATE sqlite_schema SET sql = sql", []).is_err());
        let every: i32 = writer.pragma_query_value(None, "wal_autocheckpoint", |r| r.get(0)).unwrap();
        assert_eq!(every, FOLDED_AT);
    }
    #[test]
    fn writing_the_file_anew_is_given_up_in_time_and_leaves_all_as_it_was() {
        let (_dir, store) = fresh();
        let stopped = store.write_anew(Duration::ZERO).unwrap_err();
        assert!(stopped.is_stopped(), "{stopped}");
        store.write_blocking(stamp(), |tx| tx.set_fact("a", "1")).unwrap();
        store.write_anew(Duration::MAX).unwrap();
        store.fold_log().unwrap();
        assert_eq!(store.read(|view| view.fact("a")).unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn what_a_change_of_many_rows_needs_is_let_go_of_after_it() {
        let (_dir, store) = fresh();
        let pages = |many: bool| {
            let job = move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
                if many {
                    tx.expect_many()?;
                }
                Ok(tx.sql.pragma_query_value(None, "cache_size", |r| r.get(0))?)
            };
            store.write_blocking(stamp(), job).unwrap()
        };
        assert_eq!([pages(false), pages(true), pages(false)], [KEPT_PAGES, MANY_PAGES, KEPT_PAGES]);
    }
}
