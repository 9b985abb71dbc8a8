//! Looks at a database from outside, changing nothing: for `check` and `doctor`.

mod schema_diff;

use std::path::Path;
use std::sync::Arc;

use nix::unistd::{AccessFlags, access};
use rusqlite::{Connection, OpenFlags};

use super::migrate;
use crate::store::database;
use crate::store::db::columns;
use crate::store::db::encryption::open;
use crate::store::db::online::pace::{NoPace, Pace};
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
    /// In what its schema is not the one that the migrations make; empty when it is.
    pub schema_diff: Vec<String>,
}

impl Health {
    /// Why it is not to be relied on: its first damage, or what somebody did to its schema where it lay.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        let altered = (!self.schema_diff.is_empty()).then(|| self.schema_diff.join("; "));
        self.complaints.first().cloned().or(altered)
    }
}

/// Looks at the file; `None` when there is none yet.
///
/// # Errors
/// [`StoreError`] when it is no database, corrupt, newer than this program, or cannot be written.
pub fn look(path: &Path) -> Result<Option<Health>, StoreError> {
    look_at(&(Arc::new(NoPace) as _), path)
}

/// [`look`], at a pace.
///
/// # Errors
/// As there; `is_stopped` when the pace ended it.
pub fn look_at(pace: &Arc<dyn Pace>, path: &Path) -> Result<Option<Health>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    database::there(path)?;
    // Asked, not opened: to close it again would take the locks from this process's connections (`encryption::file_form`).
    access(path, AccessFlags::W_OK).map_err(|errno| StoreError::io(path, &errno.into()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open::open_with(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    rest_by(pace, &mut connection)?;
    let (schema, known) = (migrate::applied(&connection)?, migrate::known());
    if schema > known {
        return Err(StoreError::newer(schema, known));
    }
    let (complaints, schema_diff) = (View::of(&connection).quick_check()?, schema_diff::of(&connection)?);
    Ok(Some(Health { schema, known, complaints, schema_diff }))
}

/// So many steps of SQLite's machine, or pages that its check looks at, lie between two looks at the pace: a millisecond or two.
const STEPS: i32 = 500;

/// What is asked on this connection goes at a pace from now on.
pub(in crate::store::db) fn rest_by(pace: &Arc<dyn Pace>, sql: &mut Connection) -> Result<(), StoreError> {
    let pace = Arc::clone(pace);
    let step = move || {
        pace.rest();
        pace.is_stopped()
    };
    Ok(sql.progress_handler(STEPS, Some(step))?)
}

/// The schema of a database; 0 for one that never had any.
///
/// # Errors
/// [`StoreError`] when it is no database, or not there.
pub fn schema(path: &Path) -> Result<i32, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    migrate::applied(&open::open_with(path, flags)?)
}

/// Refuses a database that a later program has brought further.
///
/// # Errors
/// [`StoreError`], or why it cannot be opened.
pub fn is_no_newer(path: &Path) -> Result<(), StoreError> {
    let (found, known) = (schema(path)?, migrate::known());
    if found > known { Err(StoreError::newer(found, known)) } else { Ok(()) }
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
    peek_at(&(Arc::new(NoPace) as _), path, question)
}

/// [`peek`], at a pace: for a question about every row.
///
/// # Errors
/// As there; `is_stopped` when the pace ended it.
pub fn peek_at<T>(
    pace: &Arc<dyn Pace>,
    path: &Path,
    question: impl FnOnce(&View<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    database::there(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open::open_with(path, flags)?;
    rest_by(pace, &mut connection)?;
    question(&View::of(&connection))
}

/// The release of SQLite inside this program.
#[must_use]
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

impl View<'_> {
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

    /// In what the schema differs from the one that the migrations make: tables, indexes and triggers that are missing, changed,
    /// or nobody's.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn schema_diff(&self) -> Result<Vec<String>, StoreError> {
        schema_diff::of(self.sql)
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
        assert_eq!(health.schema_diff, Vec::<String>::new());
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
