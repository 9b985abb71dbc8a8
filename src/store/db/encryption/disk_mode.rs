//! A disk that takes no change: mounted read-only, as a kernel leaves one that fails, or refusing every change although it says that it
//! is writable, as newer kernels leave one. What lies on it can still be read.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::libc::O_TMPFILE;
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::store::db::encryption::log_files::{LOGS, has_log};
use crate::store::db::encryption::paths::{beside, directory};

/// So many files SQLite wants at once beside a database: its log, the log's index, and what a change needs.
const WANTED: usize = 4;

/// Whether a file lies on a disk that is mounted read-only, or refuses every file as one that is; not where that cannot be told.
#[must_use]
pub fn is_on_read_only_disk(file: &Path) -> bool {
    says_read_only(file) || refuses_files(file) == Some(Errno::EROFS)
}

fn says_read_only(file: &Path) -> bool {
    let there = if file.exists() { file } else { directory(file) };
    statvfs(there).is_ok_and(|disk| disk.flags().contains(FsFlags::ST_RDONLY))
}

/// Why no files can be made beside this one, if so; whatever is tried leaves none.
pub(in crate::store) fn refuses_files(file: &Path) -> Option<Errno> {
    // Behind a link, as SQLite makes its own.
    let whole = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let mut open = Vec::new();
    (0..WANTED).find_map(|number| match made_beside(&whole, number) {
        Ok(file) => {
            open.push(file);
            None
        }
        Err(error) => Some(error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw)),
    })
}

/// A file without a name, or, where the disk knows none of that kind, one that has lost it already.
fn made_beside(file: &Path, number: usize) -> std::io::Result<std::fs::File> {
    let new = || OpenOptions::new().write(true).mode(0o600).clone();
    match new().custom_flags(O_TMPFILE).open(directory(file)) {
        Err(error) if is_unknown(&error) => {
            let named = beside(file, &format!(".tried-{}-{number}", std::process::id()));
            let made = new().create_new(true).open(&named)?;
            std::fs::remove_file(&named)?;
            Ok(made)
        }
        made => made,
    }
}

/// Whether a disk makes no files without a name.
fn is_unknown(error: &std::io::Error) -> bool {
    let words = [Errno::EOPNOTSUPP, Errno::EISDIR, Errno::EINVAL];
    error.raw_os_error().is_some_and(|code| words.contains(&Errno::from_raw(code)))
}

/// Whether a database there has no log: then it cannot change, and SQLite could not make beside it what it wants for reading.
pub(super) fn is_still(database: &Path) -> bool {
    let is_in_use = || LOGS.iter().any(|suffix| beside(database, suffix).exists());
    if has_log(database) {
        return false;
    }
    says_read_only(database)
        || match refuses_files(database) {
            Some(Errno::EROFS) => true,
            // Whoever writes to it has a log there, be it empty.
            Some(Errno::ENOSPC | Errno::EDQUOT) => !is_in_use(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_takes_files_refuses_none_and_keeps_none() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        std::fs::write(&database, "x").unwrap();
        assert_eq!((refuses_files(&database), is_still(&database)), (None, false));
        assert!(!is_on_read_only_disk(&database) && !is_on_read_only_disk(&dir.path().join("none/b.db")));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        // The kernel makes files there and nobody else, though it says that it is writable.
        assert!(refuses_files(Path::new("/proc/a.db")).is_some());
    }
}
