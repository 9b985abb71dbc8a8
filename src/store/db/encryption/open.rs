//! The one place that opens a database file: with the key that fits, where it is encrypted.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::db::encryption::disk_mode::is_still;
use crate::store::db::encryption::fault::EncryptionFault;
use crate::store::db::encryption::file_form::{FileForm, looks_encrypted};
use crate::store::db::encryption::file_uri::uri;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::key::DatabaseKey;
use crate::store::error::StoreError;

/// Opens a database file for reading and writing, and makes it where there is none: encrypted where this process holds a key.
pub(in crate::store) fn open(path: &Path) -> Result<Connection, StoreError> {
    open_with(path, OpenFlags::default())
}

/// [`open`] with other flags.
pub(in crate::store) fn open_with(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    open_as(path, path, flags)
}

/// [`open_with`] where SQLite is to know the file by another name, such as a URI with further wishes.
pub(in crate::store) fn open_as(
    file: &Path,
    name: &Path,
    flags: OpenFlags,
) -> Result<Connection, StoreError> {
    let (connection, _) = with_key(file, name, flags)?;
    distrust(&connection)?;
    Ok(connection)
}

/// What a file brings along may come from anybody: its triggers and views call nothing that reaches beyond the database, and no
/// statement writes the schema or the tables within a search index by hand.
fn distrust(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    Ok(())
}

/// A connection, and the key that opened it; none for a plain database.
pub(super) fn with_key(
    file: &Path,
    name: &Path,
    flags: OpenFlags,
) -> Result<(Connection, Option<&'static DatabaseKey>), StoreError> {
    let still = (file == name && flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) && is_still(file))
        .then(|| PathBuf::from(uri(file, "immutable=1")));
    let flags = if still.is_some() { flags | OpenFlags::SQLITE_OPEN_URI } else { flags };
    let name = still.as_deref().unwrap_or(name);
    let plain = || Ok((Connection::open_with_flags(name, flags)?, None));
    match (FileForm::of(file), held()) {
        (FileForm::Plain | FileForm::Unreadable, _) | (FileForm::Absent, None) => plain(),
        (FileForm::Sealed, None) if looks_encrypted(file) => {
            Err(StoreError::of_encryption(EncryptionFault::NoKey, file))
        }
        (FileForm::Sealed, None) => plain(),
        (FileForm::Absent, Some(keys)) => {
            let connection = Connection::open_with_flags(name, flags)?;
            unlock(&connection, &keys.in_force)?;
            Ok((connection, Some(&keys.in_force)))
        }
        (FileForm::Sealed, Some(keys)) => {
            for key in keys.all() {
                if let Some(connection) = tried(name, flags, key)? {
                    return Ok((connection, Some(key)));
                }
            }
            Err(StoreError::of_encryption(EncryptionFault::WrongKey, file))
        }
    }
}

/// A connection, if the key fits.
fn tried(name: &Path, flags: OpenFlags, key: &DatabaseKey) -> Result<Option<Connection>, StoreError> {
    let connection = Connection::open_with_flags(name, flags)?;
    unlock(&connection, key)?;
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Ok(()) => Ok(Some(connection)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Gives a connection its key. SHA-256 proves each page: processors have instructions for it, and it takes a third of the time
/// that SQLCipher's own choice, SHA-512, takes.
fn unlock(connection: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    settle(connection)?;
    connection.pragma_update(None, "key", key.raw())?;
    Ok(())
}

/// What every key of a connection is used with, those of databases that are attached among them. SQLCipher would tell stderr
/// of every key that does not fit.
pub(super) fn settle(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "PRAGMA cipher_log_level = NONE; PRAGMA cipher_default_hmac_algorithm = HMAC_SHA256;",
    )?;
    Ok(())
}

/// Whether a connection reads and writes through a key.
pub(in crate::store) fn is_keyed(connection: &Connection) -> bool {
    let status = connection.query_row("PRAGMA cipher_status", [], |row| row.get::<_, String>(0));
    status.is_ok_and(|status| status == "1")
}
