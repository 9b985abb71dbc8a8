//! `[paths]`: the clinic's own files in place of the shipped ones.

use std::path::{Path, PathBuf};

use crate::config::file::reader::Section;
use crate::config::file::values::path;

/// Directories whose files shadow the shipped ones of the same name.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Protocols, one file each.
    pub protocols: Option<PathBuf>,
    /// Checklists, with their words beside them.
    pub checklists: Option<PathBuf>,
    /// Letters, one directory per language.
    pub letters: Option<PathBuf>,
    /// Leaflets, one directory per language.
    pub leaflets: Option<PathBuf>,
    /// The one file that lists spine centres.
    pub centres: Option<PathBuf>,
}

impl Paths {
    /// Reads the section; a key that is left out or faulty is `None`: the shipped files count.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let paths = Self {
            protocols: s.may("protocols", path),
            checklists: s.may("checklists", path),
            letters: s.may("letters", path),
            leaflets: s.may("leaflets", path),
            centres: s.may("centres", path),
        };
        s.close();
        paths
    }

    /// Makes relative paths count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        let Self { protocols, checklists, letters, leaflets, centres } = self;
        let all = [protocols, checklists, letters, leaflets, centres];
        all.into_iter().flatten().for_each(|path| *path = base.join(&*path));
    }
}
