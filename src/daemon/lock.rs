//! One daemon per database: an exclusive lock on a file beside it. The kernel lets go when the holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::store::db::encryption::paths;

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockFault {
    /// Another process holds the lock.
    #[error("another aftercare serve or drain works on `{0}`")]
    Held(String),
    /// The lock file cannot be opened.
    #[error("cannot lock `{0}`: {1}")]
    Io(String, std::io::Error),
}

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of this database, or fails at once.
    ///
    /// # Errors
    /// [`LockFault::Held`] when another process has it.
    pub fn take(database: &Path) -> Result<Self, LockFault> {
        let path = beside(database, "lock");
        let shown = || database.display().to_string();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|e| LockFault::Io(path.display().to_string(), e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockFault::Held(shown())),
            Err(TryLockError::Error(e)) => Err(LockFault::Io(path.display().to_string(), e)),
        }
    }
}

/// Whether nobody else holds this file or directory, which is ours then until it is closed. Where its disk knows no locks,
/// nobody does.
#[must_use]
pub fn is_alone(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// The path of the database with `.suffix` after its whole name. Symbolic links are followed first, so that two names of
/// one database have one lock and one bell.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    paths::beside(&whole(database), &format!(".{suffix}"))
}

/// The path of the database behind symbolic links, also while there is none at their end yet.
#[must_use]
pub fn whole(database: &Path) -> PathBuf {
    if let Ok(path) = database.canonicalize() {
        return path;
    }
    match (paths::directory(database).canonicalize(), database.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => database.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_refused_until_the_first_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        let first = Lock::take(&database).unwrap();
        assert!(matches!(Lock::take(&database), Err(LockFault::Held(_))));
        drop(first);
        Lock::take(&database).unwrap();
    }

    #[test]
    fn two_names_of_one_database_share_one_lock() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        std::fs::write(&database, "").unwrap();
        let alias = dir.path().join("b.db");
        std::os::unix::fs::symlink(&database, &alias).unwrap();
        let _first = Lock::take(&database).unwrap();
        assert!(matches!(Lock::take(&alias), Err(LockFault::Held(_))));
    }

    #[test]
    fn other_databases_do_not_mind() {
        let dir = tempfile::tempdir().unwrap();
        let _first = Lock::take(&dir.path().join("a.db")).unwrap();
        Lock::take(&dir.path().join("b.db")).unwrap();
    }
}
