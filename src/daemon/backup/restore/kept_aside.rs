//! Where the old database goes when a copy takes its place: with its key and its log, under a name that nothing has yet.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::db::copy;
use crate::store::db::encryption::paths::{self, beside, key_path, sync_directory};
use crate::store::error::StoreError;

/// Why the old database could not be set aside.
pub(super) enum AsideFault {
    /// Somebody works with it.
    Store(StoreError),
    /// The system refused something at this place.
    Io(PathBuf, std::io::Error),
}

/// Where the old database goes, and the list of what the copy does not have: no earlier restore of the same second has anything
/// there.
pub(super) fn names(database: &Path, at: Timestamp) -> (PathBuf, PathBuf) {
    let at = at.strftime("%Y%m%dT%H%M%SZ");
    let named = |number: u32| match number {
        1 => beside(database, &format!(".before-{at}")),
        _ => beside(database, &format!(".before-{at}-{number}")),
    };
    let is_taken =
        |aside: &Path| aside.exists() || key_path(aside).exists() || beside(aside, ".lost.txt").exists();
    let mut number = 1;
    while is_taken(&named(number)) {
        number += 1;
    }
    (named(number), beside(&named(number), ".lost.txt"))
}

/// SQLite would read the old log together with the new file. A sound one is folded into the old file; that of a file which is
/// no database any more goes aside as it is.
pub(super) fn set_log_aside(database: &Path, aside: &Path) -> Result<(), AsideFault> {
    match copy::fold(database) {
        Err(fault) if fault.is_busy() => Err(AsideFault::Store(fault)),
        Ok(()) => Ok(()),
        Err(_) => {
            for suffix in ["-wal", "-shm"] {
                let log = beside(database, suffix);
                if log.exists() {
                    moved(&log, &beside(aside, suffix))?;
                }
            }
            Ok(())
        }
    }
}

/// The old database gets a second name; the first is taken from it by the rename. Where a file has but one name, it is copied.
pub(super) fn keep_aside(named: &Path, database: &Path, aside: &Path) -> Result<(), AsideFault> {
    let second = |from: &Path, to: &Path| -> std::io::Result<()> {
        match std::fs::hard_link(from, to) {
            // What is there is never written over: it may be the same file under another name.
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => copied(from, to),
            linked => linked,
        }
    };
    let key = key_path(named);
    if key.exists() {
        // Another file system may hold the link to the database.
        let to = key_path(aside);
        second(&key, &to).map_err(|error| AsideFault::Io(to, error))?;
    }
    second(database, aside)
        .and_then(|()| sync_directory(aside))
        .map_err(|error| AsideFault::Io(aside.to_owned(), error))
}

/// A new file of its owner's alone, with the content of another.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut from = std::fs::File::open(from)?;
    let mut to = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    std::io::copy(&mut from, &mut to)?;
    to.sync_all()
}

/// A restore that was interrupted right before its rename left the database with two names; changes would go into both.
pub(super) fn forget_second_names(database: &Path) {
    use std::os::unix::fs::MetadataExt;
    let (Ok(file), Some(name)) = (std::fs::metadata(database), database.file_name()) else { return };
    let prefix = format!("{}.before-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(paths::directory(database)) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_second = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix))
            && std::fs::metadata(&path)
                .is_ok_and(|other| (other.dev(), other.ino()) == (file.dev(), file.ino()));
        if is_second {
            drop(std::fs::remove_file(path));
        }
    }
}

/// Gives a file another name, on the disk.
pub(super) fn moved(from: &Path, to: &Path) -> Result<(), AsideFault> {
    std::fs::rename(from, to)
        .and_then(|()| sync_directory(to))
        .map_err(|error| AsideFault::Io(to.to_owned(), error))
}
