//! Why a database is not opened although it is there: its encryption and the keys of this process do not go together.

use std::path::Path;

/// What does not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum EncryptionFault {
    /// It is encrypted, and the configuration names no key.
    NoKey,
    /// None of the keys opens it.
    WrongKey,
    /// It is plain, and the configuration names a key.
    Plain,
    /// The configuration names a key, and SQLite was not built as SQLCipher.
    NotBuilt,
}

impl EncryptionFault {
    /// What is wrong with the database at a path.
    pub(in crate::store) fn text(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::NoKey => format!(
                "the database at `{path}` is encrypted, and no key is named for it, or its beginning is damaged"
            ),
            Self::WrongKey => {
                format!("no key of this clinic opens `{path}`: it is encrypted with another, or no database")
            }
            Self::Plain => {
                format!("the database at `{path}` is not encrypted, although a key is named for it")
            }
            Self::NotBuilt => {
                "a key is named for the database, but this program was built without encryption".to_owned()
            }
        }
    }

    /// What to do next.
    pub(in crate::store) const fn hint(self) -> &'static str {
        match self {
            Self::NoKey => {
                "name the file of its key as `key_credential` in [database]; the key lies where the clinic keeps it, not with \
                 the backups, and without it nobody can read the data; if it never was encrypted, its beginning is damaged: \
                 `aftercare restore FILE`"
            }
            Self::WrongKey => {
                "put the key that it was encrypted with back, as another line of the key's file: the first line encrypts, the \
                 others open what is older; if the right one is among them, the file is damaged: `aftercare restore FILE`"
            }
            Self::Plain => {
                "stop the daemon and encrypt it: `aftercare database encrypt`; or take `key_credential` out of [database]"
            }
            Self::NotBuilt => {
                "install the package, or build it with `cargo build --features encryption` (Debian: libssl-dev)"
            }
        }
    }
}
