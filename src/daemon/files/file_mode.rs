//! The database and its key are their owner's alone. What others can read is closed where it can be, and told: to refuse the
//! start would keep letters and alerts from patients for what the program can mend itself.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::store::db::encryption::paths::{beside, key_path};

/// What others may do with a file of ours.
const OTHERS: u32 = 0o077;

/// A file that others could read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    /// Where the file lies.
    pub path: PathBuf,
    /// Its permissions, as `chmod` writes them.
    pub mode: u32,
    /// Whether it is the key of the links.
    pub is_key: bool,
}

impl OpenFile {
    /// What is wrong, with its path and mode.
    #[must_use]
    pub fn problem(&self) -> String {
        format!("`{}` can be read by others (mode {:o})", self.path.display(), self.mode)
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        let renew =
            "; whoever read the key can make links of patients: make a new one with `aftercare key renew`";
        format!("`chmod 600 {}`{}", self.path.display(), if self.is_key { renew } else { "" })
    }
}

/// The files of a database that others can read.
#[must_use]
pub fn open_to_others(database: &Path) -> Vec<OpenFile> {
    let key = key_path(database);
    let files = [database.to_owned(), beside(database, "-wal"), beside(database, "-shm"), key.clone()];
    let open = files.into_iter().filter_map(|path| {
        let file = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let mode = file.permissions().mode() & 0o777;
        (mode & OTHERS != 0).then(|| OpenFile { is_key: path == key, path, mode })
    });
    open.collect()
}

/// Takes from others what they may do with it.
///
/// # Errors
/// The system's: the file is somebody else's.
pub fn close(open: &OpenFile) -> std::io::Result<()> {
    std::fs::set_permissions(&open.path, Permissions::from_mode(open.mode & !OTHERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_can_read_is_found_and_closed() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("a.db");
        for (path, mode) in [(database.clone(), 0o644), (key_path(&database), 0o640)] {
            std::fs::write(&path, "x").unwrap();
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        }
        let open = open_to_others(&database);
        assert_eq!(
            open.iter().map(|one| (one.mode, one.is_key)).collect::<Vec<_>>(),
            [(0o644, false), (0o640, true)]
        );
        assert!(open[1].hint().contains("key renew") && !open[0].hint().contains("key renew"));
        open.iter().for_each(|one| close(one).unwrap());
        assert_eq!(open_to_others(&database), []);
        let mode = std::fs::metadata(&database).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}
