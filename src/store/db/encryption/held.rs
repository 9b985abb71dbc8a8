//! The keys that this process holds. One process works for one clinic, and its configuration names one file of keys: they are
//! taken on once, before the first connection, and never changed.

use std::path::Path;
use std::sync::OnceLock;

use rusqlite::Connection;

use crate::store::db::encryption::fault::EncryptionFault;
use crate::store::db::encryption::key::DatabaseKeys;
use crate::store::error::StoreError;

static HELD: OnceLock<DatabaseKeys> = OnceLock::new();

/// Takes the keys on: from now on this process opens databases that one of them fits, and encrypts those it makes.
///
/// # Errors
/// [`StoreError`] when this program was built without encryption; then nothing may be written, or it would be in plain.
pub fn hold(keys: DatabaseKeys) -> Result<(), StoreError> {
    if !is_built_in() {
        return Err(StoreError::of_encryption(EncryptionFault::NotBuilt, Path::new("")));
    }
    // The first configuration counts; there is no second.
    drop(HELD.set(keys));
    Ok(())
}

/// The keys, where the configuration names any.
pub fn held() -> Option<&'static DatabaseKeys> {
    HELD.get()
}

/// Whether SQLite was built as SQLCipher (the cargo feature `encryption`).
#[must_use]
pub fn is_built_in() -> bool {
    Connection::open_in_memory().is_ok_and(|sql| version(&sql).is_some())
}

/// The release of SQLCipher inside this program, if there is one.
#[must_use]
pub fn cipher_version() -> Option<String> {
    version(&Connection::open_in_memory().ok()?)
}

fn version(sql: &Connection) -> Option<String> {
    sql.query_row("PRAGMA cipher_version", [], |row| row.get(0)).ok()
}
