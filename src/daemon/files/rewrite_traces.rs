//! What a rewrite of the database that was interrupted leaves: half a database beside it, perhaps in plain, and the key of the
//! links in plain beside one that is still encrypted. Whoever looks tells it; a start removes the one and seals the other.

use std::path::{Path, PathBuf};

use crate::daemon::files::key_file::{self, KeyFault};
use crate::daemon::files::rewrite_database::staged;
use crate::daemon::files::sealed_key;
use crate::daemon::lock::{Lock, whole};
use crate::store::db::copy;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::paths::{beside, key_path};
use crate::store::db::encryption::state::encryption_of;

/// What lies beside the database and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RewriteFile {
    /// Half a database that nobody finishes.
    HalfDatabase(PathBuf),
    /// The key of the links, in plain beside an encrypted database.
    PlainKey(PathBuf),
}

impl RewriteFile {
    /// What it is, in a sentence for whoever runs the machine.
    #[must_use]
    pub fn fact(&self) -> String {
        match self {
            Self::HalfDatabase(path) => format!(
                "`{}` is left of a rewrite of the database that was interrupted, and may hold the data of patients in plain",
                path.display()
            ),
            Self::PlainKey(path) => {
                format!(
                    "the key of the links `{}` lies in plain beside an encrypted database",
                    path.display()
                )
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::HalfDatabase(_) => {
                "unless `aftercare database` works on it right now: the next start of the daemon removes it, or remove it yourself"
            }
            Self::PlainKey(_) => "the next start of the daemon seals it",
        }
    }
}

/// What an interrupted rewrite left beside a database, by the name that the configuration gives it.
#[must_use]
pub fn found(database: &Path) -> Vec<RewriteFile> {
    let halves = [staged(&whole(database)), beside(&whole(database), ".rewriting-journal")];
    let half = halves.into_iter().find(|path| path.exists()).map(RewriteFile::HalfDatabase);
    let key = key_path(database);
    let is_plain = held().is_some()
        && std::fs::read(&key).is_ok_and(|bytes| !sealed_key::is_sealed(&bytes))
        && encryption_of(&whole(database)).is_ok_and(|found| found.is_some());
    half.into_iter().chain(is_plain.then_some(RewriteFile::PlainKey(key))).collect()
}

/// Removes and seals what [`found`] names. Whoever holds the lock knows that nobody rewrites.
///
/// # Errors
/// [`KeyFault`] when the key cannot be sealed; it is as it was.
pub fn clear(database: &Path, _lock: &Lock) -> Result<(), KeyFault> {
    for trace in found(database) {
        tracing::warn!(fact = trace.fact(), "an interrupted rewrite of the database is cleared away");
        match trace {
            RewriteFile::HalfDatabase(_) => copy::discard(&staged(&whole(database))),
            RewriteFile::PlainKey(_) => key_file::reseal(database, held())?,
        }
    }
    // A key that was about to be written lies in plain as well.
    drop(std::fs::remove_file(beside(database, ".key.rewriting")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_database_is_told_and_a_start_removes_it() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        std::fs::write(&database, "SQLite format 3\0").unwrap();
        std::fs::write(key_path(&database), [7; 32]).unwrap();
        assert_eq!(found(&database), [], "a plain key beside a plain database is as it should be");
        let half = staged(&database);
        std::fs::write(&half, "SQLite format 3\0 and patients").unwrap();
        let traces = found(&database);
        assert_eq!(traces, [RewriteFile::HalfDatabase(half.clone())]);
        assert!(traces[0].fact().contains("a.db.rewriting"), "{}", traces[0].fact());
        clear(&database, &Lock::take(&database).unwrap()).unwrap();
        assert!(!half.exists() && database.exists());
        assert_eq!(found(&database), []);
    }
}
