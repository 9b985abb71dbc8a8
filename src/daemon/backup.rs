//! A copy of the database with the key of its links, made while the daemon runs: it gets its name only when it is whole,
//! sound and on disk.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::engine::key_path;
use crate::store::{StoreError, health};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyFault {
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The memory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy is damaged.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
}

/// The key that lies beside a database; `None` before the first link was made.
///
/// # Errors
/// It is there and cannot be read.
pub fn key_of(database: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match std::fs::read(key_path(database)) {
        Ok(key) => Ok(Some(key)),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Copies the database to `whole`, and its key beside it.
///
/// # Errors
/// [`CopyFault`]; then no half copy is left.
pub fn make(database: &Path, whole: &Path, key: Option<&[u8]>) -> Result<(), CopyFault> {
    let part = beside(whole, ".part");
    // What an interrupted copy left is worth nothing.
    let clear = || [part.clone(), key_path(&part)].iter().for_each(|left| drop(std::fs::remove_file(left)));
    clear();
    stage(database, (&part, whole), key).inspect_err(|_| clear())
}

fn stage(database: &Path, (part, whole): (&Path, &Path), key: Option<&[u8]>) -> Result<(), CopyFault> {
    health::copy(database, part)?;
    prove(part)?;
    // The key first: a database under its name has its key.
    if let Some(key) = key {
        keep(&key_path(part), key)?;
        std::fs::rename(key_path(part), key_path(whole))?;
    }
    std::fs::rename(part, whole)?;
    Ok(File::open(directory(whole))?.sync_all()?)
}

/// The directory a file lies in.
#[must_use]
pub fn directory(file: &Path) -> &Path {
    file.parent().filter(|named| !named.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
fn prove(part: &Path) -> Result<(), CopyFault> {
    let health = health::look(part)?;
    // Only a reader has looked, so there is nothing in them.
    ["-wal", "-shm"].iter().for_each(|suffix| drop(std::fs::remove_file(beside(part, suffix))));
    match health {
        Some(health) if health.schema == health.known && health.complaints.is_empty() => Ok(()),
        Some(health) if health.complaints.is_empty() => Err(CopyFault::Unsound("it is not whole".to_owned())),
        Some(health) => Err(CopyFault::Unsound(health.complaints.join("; "))),
        None => Err(CopyFault::Unsound("it is gone".to_owned())),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Open, Store};

    #[test]
    fn a_copy_without_its_schema_never_gets_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let part = dir.path().join("a.db.part");
        drop(Store::open(&part, Open::Create).unwrap());
        prove(&part).unwrap();
        std::fs::write(&part, []).unwrap();
        assert!(prove(&part).is_err());
    }

    #[test]
    fn a_key_that_cannot_be_read_is_not_taken_for_none() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        assert_eq!(key_of(&database).unwrap(), None);
        std::fs::create_dir(key_path(&database)).unwrap();
        assert!(key_of(&database).is_err());
    }
}
