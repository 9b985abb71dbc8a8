//! Looks at a database from outside, changing nothing: for `check` and `doctor`.

use std::path::Path;

use rusqlite::OpenFlags;
use rusqlite::backup::StepResult;

use super::migrate;
use crate::store::database;
use crate::store::db::columns;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::{open, rewrite};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// What a look from outside found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The schema it has.
    pub schema: i32,
    /// The schema this program brings it to.
    pub known: i32,
    /// What SQLite's own check complains of; empty when sound.
    pub complaints: Vec<String>,
}

/// Looks at the file; `None` when there is none yet.
///
/// # Errors
/// [`StoreError`] when it is no database, corrupt, newer than this program, or cannot be written.
pub fn look(path: &Path) -> Result<Option<Health>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    database::there(path)?;
    std::fs::OpenOptions::new().write(true).open(path).map_err(|e| StoreError::io(path, &e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open::open_with(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let (schema, known) = (migrate::applied(&connection)?, migrate::known());
    if schema > known {
        return Err(StoreError::newer(schema, known));
    }
    let complaints = View::of(&connection).quick_check()?;
    Ok(Some(Health { schema, known, complaints }))
}

/// The schema of a database; 0 for one that never had any.
///
/// # Errors
/// [`StoreError`] when it is no database, or not there.
pub fn schema(path: &Path) -> Result<i32, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    migrate::applied(&open::open_with(path, flags)?)
}

/// Whether this program would bring the schema of a database further. Not for a file that is no database, which others tell.
#[must_use]
pub fn is_older(path: &Path) -> bool {
    schema(path).is_ok_and(|found| found < migrate::known())
}

/// Asks a question of a database nobody works with, changing nothing.
///
/// # Errors
/// What the question returns, or why it cannot be opened.
pub fn peek<T>(
    path: &Path,
    question: impl FnOnce(&View<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    database::there(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open::open_with(path, flags)?;
    question(&View::of(&connection))
}

/// The release of SQLite inside this program.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Copies a database that is only read, so that its file stays as it is, daemon or none.
///
/// # Errors
/// As [`View::copy_to`], and when there is no database at `from`.
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    database::there(from)?;
    let original = super::connect::reader(from)?;
    View::of(&original).copy_to(to)
}

impl View<'_> {
    /// Copies the whole database, as it is at this moment, into a new file of its owner's alone.
    ///
    /// # Errors
    /// [`StoreError`] when the file is there already or cannot be written; then no half copy is left.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        use std::os::unix::fs::OpenOptionsExt;
        let io = |e: std::io::Error| StoreError::io(path, &e);
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let copied = || -> Result<(), StoreError> {
            // Pages of a plain database have no room for what proves them, so they cannot be copied as they are.
            if let Some(from) = self.sql.path()
                && open::is_keyed(self.sql) != held().is_some()
            {
                return rewrite::copy_into(Path::new(from), path);
            }
            let mut copy = open::open(path)?;
            // All pages in one step: one moment, and writers need not wait.
            match rusqlite::backup::Backup::new(self.sql, &mut copy)?.step(-1)? {
                StepResult::Done => Ok(()),
                // Locked by somebody else: what was written so far is no copy.
                _ => Err(StoreError::held()),
            }
        };
        copied().inspect_err(|_| drop(std::fs::remove_file(path)))
    }

    /// How many letters wait, and since when the oldest could have left.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn oldest_waiting(&self) -> Result<(i64, Option<jiff::Timestamp>), StoreError> {
        let ask =
            "SELECT count(*), min(next_at) FROM delivery INDEXED BY delivery_due WHERE state = 'pending'";
        let found =
            self.sql.prepare_cached(ask)?.query_row([], |r| Ok((r.get(0)?, r.get::<_, Option<i64>>(1)?)))?;
        Ok((found.0, found.1.map(columns::instant)))
    }

    /// How many patients and letters there are.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn row_counts(&self) -> Result<(u64, u64), StoreError> {
        let ask = "SELECT (SELECT count(*) FROM patient), (SELECT count(*) FROM delivery)";
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Ok(self.sql.query_row(ask, [], |r| Ok((count(r.get(0)?), count(r.get(1)?))))?)
    }

    /// SQLite's own quick check of the whole file; empty when sound.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be read as a database at all.
    pub fn quick_check(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.sql.prepare("PRAGMA quick_check(20)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::database::{OpenMode, Store};

    #[test]
    fn a_fresh_database_is_sound_and_an_absent_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        assert_eq!(look(&path).unwrap(), None);
        drop(Store::open(&path, OpenMode::Create).unwrap());
        let health = look(&path).unwrap().unwrap();
        assert_eq!((health.schema, health.complaints.len()), (health.known, 0));
    }

    #[test]
    fn a_file_that_is_no_database_is_corrupt() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        std::fs::write(&path, "reference,preferred_name\n".repeat(100)).unwrap();
        let fault = look(&path).unwrap_err();
        assert!(fault.why().contains("not a database"), "{fault}");
    }

    #[test]
    fn a_database_of_a_later_version_is_a_matter_of_configuration() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        drop(Store::open(&path, OpenMode::Create).unwrap());
        let later = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'x', '', '')";
        Connection::open(&path).unwrap().execute(later, []).unwrap();
        assert!(look(&path).unwrap_err().is_configuration());
    }

    #[test]
    fn a_database_that_is_locked_gives_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        let owner = Connection::open(&path).unwrap();
        owner.execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)").unwrap();
        let asker = Connection::open(&path).unwrap();
        asker.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert!(View::of(&asker).copy_to(&copy).unwrap_err().is_busy());
        assert!(!copy.exists());
    }

    #[test]
    fn damage_inside_the_file_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        drop(Store::open(&path, OpenMode::Create).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xA5);
        std::fs::write(&path, bytes).unwrap();
        let found = look(&path);
        assert!(
            found.as_ref().map_or(true, |h| h.as_ref().is_some_and(|h| !h.complaints.is_empty())),
            "{found:?}"
        );
    }
}
