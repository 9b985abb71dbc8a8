//! How a database file stands to the keys of this process.

use std::path::Path;

use rusqlite::OpenFlags;

use crate::store::db::encryption::fault::EncryptionFault;
use crate::store::db::encryption::file_form::FileForm;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::open;
use crate::store::error::StoreError;

/// Whether a file is a database that this process can open, by its beginning and its keys.
#[must_use]
pub fn is_database(path: &Path) -> bool {
    FileForm::of(path) == FileForm::Plain || matches!(encryption_of(path), Ok(Some(_)))
}

/// How a database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// With the key in force.
    InForce,
    /// With a key from before.
    Older,
}

/// How the database at a path is encrypted; `None` when it is not, or is not there.
///
/// # Errors
/// [`StoreError`] when none of the keys fits it, or it cannot be opened.
pub fn encryption_of(path: &Path) -> Result<Option<Encryption>, StoreError> {
    if matches!(FileForm::of(path), FileForm::Absent | FileForm::Plain) {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let (_, key) = open::with_key(path, path, flags)?;
    let is_in_force = |key| held().is_some_and(|keys| std::ptr::eq(&raw const keys.in_force, key));
    Ok(key.map(|key| if is_in_force(key) { Encryption::InForce } else { Encryption::Older }))
}

/// Refuses a plain database where a key is named for it: whoever configured one believes that it is encrypted.
///
/// # Errors
/// [`StoreError`], a matter of configuration.
pub fn prove(path: &Path) -> Result<(), StoreError> {
    match held().is_some() && FileForm::of(path) == FileForm::Plain {
        true => Err(StoreError::of_encryption(EncryptionFault::Plain, path)),
        false => Ok(()),
    }
}
