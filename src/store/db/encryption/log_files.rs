//! What SQLite keeps beside a database: changes that its file does not have yet.

use std::path::{Path, PathBuf};

/// What it keeps there while changes are under way.
pub(in crate::store::db) const LOGS: [&str; 2] = ["-wal", "-journal"];

/// Where SQLite keeps what belongs to a database, e.g. `-wal`, its log.
pub(in crate::store::db) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Whether changes of a database stand beside it that its file does not have yet.
pub(in crate::store::db) fn has_log(database: &Path) -> bool {
    let is_filled = |path: PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    LOGS.iter().any(|suffix| is_filled(beside(database, suffix)))
}
