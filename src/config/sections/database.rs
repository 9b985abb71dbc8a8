//! `[database]`: where the SQLite file lies.

use std::path::{Path, PathBuf};

use crate::config::file::reader::Section;
use crate::config::file::values::path;

/// Where everything is stored.
#[derive(Debug, Clone)]
pub struct Database {
    /// The SQLite file; its key and the wake socket lie beside it.
    pub path: PathBuf,
}

impl Database {
    /// Reads the section; `None` when the path is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let path = s.need("path", path);
        s.close();
        Some(Self { path: path? })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.path = base.join(&self.path);
    }
}
