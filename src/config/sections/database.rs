//! `[database]`: where the SQLite file lies.

use std::path::{Path, PathBuf};

use crate::config::file::reader::Section;
use crate::config::file::values::{LONGEST_PATH, path, words};

/// Where everything is stored.
#[derive(Debug, Clone)]
pub struct Database {
    /// The SQLite file; its key and the wake socket lie beside it.
    pub path: PathBuf,
    /// Name of the credential, or absolute path of the file, that holds the keys it is encrypted with; `None` leaves it plain.
    pub key_credential: Option<String>,
    /// The directory of the sent journal: every event once more, outside the database.
    pub journal: PathBuf,
}

impl Database {
    /// Reads the section; `None` when the path is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let (database, journal) = (s.need("path", path), s.may("journal", path));
        let key_credential = s.may("key_credential", words(LONGEST_PATH));
        s.close();
        let database = database?;
        Some(Self { journal: journal.unwrap_or_else(|| beside(&database)), path: database, key_credential })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.path = base.join(&self.path);
        self.journal = base.join(&self.journal);
    }
}

/// Where the journal of a database lies unless somebody says otherwise: not under its name, so that whoever copies `NAME.db*` has
/// the database alone.
pub(in crate::config) fn beside(database: &Path) -> PathBuf {
    database.with_extension("journal")
}
