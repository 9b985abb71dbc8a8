//! A disk that is mounted read-only, as a kernel leaves one that fails: what lies on it can still be read.

use std::path::Path;

use nix::sys::statvfs::{FsFlags, statvfs};

use crate::store::db::encryption::log_files::has_log;

/// Whether a file lies on a disk that is mounted read-only; not where that cannot be told.
#[must_use]
pub fn is_on_read_only_disk(file: &Path) -> bool {
    statvfs(file).is_ok_and(|disk| disk.flags().contains(FsFlags::ST_RDONLY))
}

/// Whether a database there has no log: then it cannot change, and SQLite could not make beside it what it wants for reading.
pub(super) fn is_still(database: &Path) -> bool {
    is_on_read_only_disk(database) && !has_log(database)
}
