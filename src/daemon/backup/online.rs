//! A copy of the database with the key of its links, made while the daemon runs: it gets its name only when it is whole,
//! sound and on disk.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::daemon::files::key_file::{self, KeyFault};
use crate::daemon::lock;
use crate::store::db::encryption::paths::{beside, key_path, sync_directory};
use crate::store::db::online::online_copy;
use crate::store::db::online::pace::Pace;
use crate::store::db::{copy, health};
use crate::store::error::StoreError;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyFault {
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key that belongs to the database cannot be copied.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// Another process makes that copy, or just did.
    #[error("another aftercare makes a copy at `{0}`, or has just made one")]
    Twice(String),
    /// The copy is damaged.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
}

/// The key that belongs to a database; `None` before the first link was made. A copy without its key, or with another, would
/// be found out when it is too late.
///
/// # Errors
/// It is lost, damaged, or another one.
pub fn key_of(database: &Path) -> Result<Option<[u8; 32]>, KeyFault> {
    match health::is_older(database) {
        true => key_file::read(&key_path(database)),
        false => key_file::prove_at(database),
    }
}

/// What is to be copied.
#[derive(Clone, Copy)]
pub struct CopyJob<'j> {
    /// The database, in use or not.
    pub database: &'j Path,
    /// The copy to be.
    pub whole: &'j Path,
    /// The key that goes beside it.
    pub key: Option<&'j [u8]>,
    /// How fast it is made and proved.
    pub pace: &'j Arc<dyn Pace>,
}

/// Where a copy lies until it is whole and proved.
#[must_use]
pub fn part_of(whole: &Path) -> PathBuf {
    beside(whole, ".part")
}

/// Makes the copy, and puts the key beside it.
///
/// # Errors
/// [`CopyFault`]; then no half copy is left.
pub fn make(job: &CopyJob<'_>) -> Result<(), CopyFault> {
    let _turn = CopyLock::take(job.whole)?;
    let part = part_of(job.whole);
    // What an interrupted copy left is worth nothing.
    let clear = || {
        copy::discard(&part);
        drop(std::fs::remove_file(key_path(&part)));
    };
    clear();
    stage(job, &part).inspect_err(|_| clear())
}

/// The turn of whoever makes a copy of that name: two would take away and rename each other's parts. Its file goes with it.
struct CopyLock {
    path: PathBuf,
    _file: File,
}

impl CopyLock {
    /// `None` where no file can be made: then the copy itself says so, in better words.
    fn take(whole: &Path) -> Result<Option<Self>, CopyFault> {
        let path = beside(whole, ".lock");
        let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let Ok(file) = opened else { return Ok(None) };
        let twice = || CopyFault::Twice(whole.display().to_string());
        // Whoever had it before us takes its name away: then the next one to come makes another.
        let is_named = || file.metadata().is_ok_and(|file| file.nlink() > 0);
        if !lock::is_alone(&file) || !is_named() {
            return Err(twice());
        }
        let held = Self { path, _file: file };
        if whole.symlink_metadata().is_ok() { Err(twice()) } else { Ok(Some(held)) }
    }
}

impl Drop for CopyLock {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

fn stage(job: &CopyJob<'_>, part: &Path) -> Result<(), CopyFault> {
    let CopyJob { database, whole, key, pace } = *job;
    online_copy::copy(database, part, &**pace)?;
    prove(pace, part, health::schema(database)?)?;
    // The key first: a database under its name has its key.
    if let Some(key) = key {
        key_file::write(&key_path(part), key)?;
        std::fs::rename(key_path(part), key_path(whole))?;
    }
    std::fs::rename(part, whole)?;
    Ok(sync_directory(whole)?)
}

/// Writes a new secret file of its owner's alone.
///
/// # Errors
/// It is there already, or the system refuses.
pub fn keep(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A copy that stopped half-way can be an empty database, which is sound: the schema must be there too.
pub(in crate::daemon::backup) fn prove(
    pace: &Arc<dyn Pace>,
    part: &Path,
    schema: i32,
) -> Result<(), CopyFault> {
    let health = health::look_at(pace, part)?;
    // Only a reader has looked, so there is nothing in them.
    ["-wal", "-shm"].iter().for_each(|suffix| drop(std::fs::remove_file(beside(part, suffix))));
    match health {
        Some(health) if health.schema == schema && schema > 0 && health.complaints.is_empty() => Ok(()),
        Some(health) if health.complaints.is_empty() => Err(CopyFault::Unsound("it is not whole".to_owned())),
        Some(health) => Err(CopyFault::Unsound(health.complaints.join("; "))),
        None => Err(CopyFault::Unsound("it is gone".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::online::pace::NoPace;

    #[test]
    fn a_copy_without_its_schema_never_gets_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let part = dir.path().join("a.db.part");
        drop(Store::open(&part, OpenMode::Create).unwrap());
        let schema = health::schema(&part).unwrap();
        let pace: Arc<dyn Pace> = Arc::new(NoPace);
        prove(&pace, &part, schema).unwrap();
        std::fs::write(&part, []).unwrap();
        assert!(prove(&pace, &part, schema).is_err());
    }

    #[test]
    fn a_copy_that_another_makes_or_made_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (database, whole) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        drop(Store::open(&database, OpenMode::Create).unwrap());
        let pace: Arc<dyn Pace> = Arc::new(NoPace);
        let job = CopyJob { database: &database, whole: &whole, key: None, pace: &pace };
        let other = CopyLock::take(&whole).unwrap();
        std::fs::write(part_of(&whole), "half of it").unwrap();
        assert!(matches!(make(&job), Err(CopyFault::Twice(_))));
        assert_eq!(std::fs::read(part_of(&whole)).unwrap(), b"half of it");
        drop(other);
        make(&job).unwrap();
        assert!(matches!(make(&job), Err(CopyFault::Twice(_))), "it is there now");
        assert!(!beside(&whole, ".lock").exists() && !part_of(&whole).exists());
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_taken_for_none() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        drop(Store::open(&database, OpenMode::Create).unwrap());
        assert_eq!(key_of(&database).unwrap(), None);
        std::fs::create_dir(key_path(&database)).unwrap();
        assert!(key_of(&database).is_err());
    }
}
