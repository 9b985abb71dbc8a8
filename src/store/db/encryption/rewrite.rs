//! A whole database is written anew under another key, or under none: row by row into a new file beside it, by SQLCipher. The
//! one that is read stays locked until the new one has its place, so that no change is lost between the two.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::store::db::copy;
use crate::store::db::encryption::fault::EncryptionFault;
use crate::store::db::encryption::file_uri::uri;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::key::DatabaseKey;
use crate::store::db::encryption::log_files::has_log;
use crate::store::db::encryption::open::{self, settle};
use crate::store::db::encryption::paths::sync_directory;
use crate::store::error::StoreError;

/// How a database is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RewriteAs {
    /// Under the key in force.
    Encrypted,
    /// Under no key at all.
    Plain,
}

/// So many steps of SQLite's machine lie between two looks at how far it is.
const LOOK_EVERY: i32 = 100_000;

/// A database that is locked against everybody else, and the new file beside it.
pub struct Rewrite {
    /// The new file, with the old one attached as `before`.
    sql: Connection,
    before: PathBuf,
    stage: PathBuf,
}

impl Rewrite {
    /// Locks the database at `before`, and makes an empty file at `stage`. What an interrupted rewrite left there is removed.
    ///
    /// # Errors
    /// [`StoreError`]; `is_busy` when somebody works with the database.
    pub fn begin(before: &Path, stage: &Path, to: RewriteAs) -> Result<Self, StoreError> {
        let key = key_of(before)?;
        copy::discard(stage);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(stage);
        made.map_err(|error| StoreError::io(stage, &error))?;
        let begun = || -> Result<Self, StoreError> {
            let sql = empty(stage, to)?;
            attach(&sql, &uri(before, "mode=rw"), key)?;
            let begun = Self { sql, before: before.to_owned(), stage: stage.to_owned() };
            begun.lock()?;
            Ok(begun)
        };
        begun().inspect_err(|_| copy::discard(stage))
    }

    /// Folds the log into the old file, which others must not have open for that, and keeps the lock from then on.
    fn lock(&self) -> Result<(), StoreError> {
        self.sql.busy_timeout(std::time::Duration::from_secs(5))?;
        let mode: String = self.sql.query_row("PRAGMA before.journal_mode = DELETE", [], |row| row.get(0))?;
        if mode != "delete" {
            return Err(StoreError::held());
        }
        self.sql.execute_batch("PRAGMA before.locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")?;
        Ok(())
    }

    /// Copies every row, and proves that each table arrived whole. `far` hears how many bytes the new file has.
    ///
    /// # Errors
    /// [`StoreError`]; the old database is as it was.
    pub fn copy(&mut self, far: impl Fn(u64) + Send + 'static) -> Result<(), StoreError> {
        let stage = self.stage.clone();
        let look = move || {
            far(std::fs::metadata(&stage).map_or(0, |file| file.len()));
            false
        };
        self.sql.progress_handler(LOOK_EVERY, Some(look))?;
        export(&self.sql)?;
        self.sql.progress_handler(LOOK_EVERY, None::<fn() -> bool>)?;
        Ok(())
    }

    /// Puts the new file in the old one's place, once it is on disk. Nobody who had opened the old one, and waited, can write
    /// to it any more: it is cut off, which also gives its plain pages back to the disk.
    ///
    /// # Errors
    /// [`StoreError`]; then the old database is in its place.
    pub fn finish(self) -> Result<(), StoreError> {
        let done = || -> std::io::Result<()> {
            File::open(&self.stage)?.sync_all()?;
            let old = OpenOptions::new().write(true).open(&self.before)?;
            std::fs::rename(&self.stage, &self.before)?;
            sync_directory(&self.before)?;
            // A second name of it is somebody else's.
            if old.metadata()?.nlink() == 0 {
                old.set_len(0)?;
            }
            Ok(())
        };
        done().map_err(|error| StoreError::io(&self.before, &error))
    }
}

/// Copies a database into a new and empty file: encrypted where this process holds a key, whatever the source is. Where nobody
/// can have it open, SQLite need not lock it.
pub(in crate::store) fn copy_into(from: &Path, to: &Path) -> Result<(), StoreError> {
    let form = if held().is_some() { RewriteAs::Encrypted } else { RewriteAs::Plain };
    let sql = empty(to, form)?;
    let query = if has_log(from) { "mode=ro" } else { "immutable=1" };
    attach(&sql, &uri(from, query), key_of(from)?)?;
    export(&sql)?;
    sql.close().map_err(|(_, fault)| StoreError::from(fault))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| StoreError::io(to, &error))
}

/// A new file without rows. It is worth nothing before it is whole and on disk, which is seen to at the end.
fn empty(path: &Path, form: RewriteAs) -> Result<Connection, StoreError> {
    let sql = Connection::open(path)?;
    settle(&sql)?;
    if form == RewriteAs::Encrypted {
        let keys = held().ok_or_else(|| StoreError::of_encryption(EncryptionFault::NoKey, path))?;
        sql.pragma_update(None, "key", keys.in_force.raw())?;
    }
    sql.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")?;
    Ok(sql)
}

fn attach(sql: &Connection, name: &str, key: Option<&DatabaseKey>) -> Result<(), StoreError> {
    let key = key.map(DatabaseKey::raw).unwrap_or_default();
    sql.execute("ATTACH DATABASE ?1 AS before KEY ?2", (name, key))?;
    Ok(())
}

/// Every row of `before` goes into the main database, and each table is proved to have arrived whole.
fn export(sql: &Connection) -> Result<(), StoreError> {
    sql.query_row("SELECT sqlcipher_export('main', 'before')", [], |_| Ok(()))?;
    let differing = "SELECT count(*) FROM (SELECT type, name, sql FROM before.sqlite_schema EXCEPT \
                     SELECT type, name, sql FROM main.sqlite_schema)";
    let lost: i64 = sql.query_row(differing, [], |row| row.get(0))?;
    if lost > 0 {
        return Err(StoreError::damaged(&format!("{lost} tables, indexes or triggers did not arrive")));
    }
    let tables = "SELECT name FROM before.sqlite_schema WHERE type = 'table' AND rootpage > 0";
    let mut names = sql.prepare(tables)?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for name in names {
        let both = format!(
            "SELECT (SELECT count(*) FROM before.\"{name}\") = (SELECT count(*) FROM main.\"{name}\")"
        );
        if !sql.query_row(&both, [], |row| row.get::<_, bool>(0))? {
            return Err(StoreError::damaged(&format!("rows of `{name}` did not arrive")));
        }
    }
    match sql.query_row("PRAGMA main.quick_check(1)", [], |row| row.get::<_, String>(0))?.as_str() {
        "ok" => Ok(()),
        complaint => Err(StoreError::damaged(complaint)),
    }
}

/// The key that a database is encrypted with; `None` for a plain one.
fn key_of(path: &Path) -> Result<Option<&'static DatabaseKey>, StoreError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let query = if has_log(path) { "mode=ro" } else { "immutable=1" };
    open::with_key(path, Path::new(&uri(path, query)), flags).map(|(_, key)| key)
}
