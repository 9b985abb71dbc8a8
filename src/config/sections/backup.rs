//! `[backup]`: the nightly copies of the database.

use std::path::{Path, PathBuf};

use crate::config::file::ranges::count;
use crate::config::file::reader::Section;
use crate::config::file::values::path;

/// Where the nightly copies go, and how long they stay.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The directory they are written to.
    pub directory: PathBuf,
    /// How many of them are kept, from 1 to 3650.
    pub keep: u32,
}

impl Backup {
    /// Reads the section; left out, 14 copies are kept in `backups`.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let directory = s.or("directory", PathBuf::from("backups"), path);
        let keep = s.or("keep", 14, count(1, 3650));
        s.close();
        Self { directory, keep }
    }

    /// Makes a relative directory count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.directory = base.join(&self.directory);
    }
}
