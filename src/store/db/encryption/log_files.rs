//! What SQLite keeps beside a database: changes that its file does not have yet.

use std::path::{Path, PathBuf};

use crate::store::db::encryption::paths::beside;

/// What it keeps there while changes are under way.
pub(in crate::store::db) const LOGS: [&str; 2] = ["-wal", "-journal"];

/// Whether changes of a database stand beside it that its file does not have yet.
pub(in crate::store::db) fn has_log(database: &Path) -> bool {
    let is_filled = |path: PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    LOGS.iter().any(|suffix| is_filled(beside(database, suffix)))
}
