//! Where the files of a database lie: the names beside it, and the directory that holds them. Whoever names, finds or keeps such
//! a file asks here.

use std::fs::File;
use std::path::{Path, PathBuf};

/// The path with `suffix` after its whole name.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where the key of a database lies.
#[must_use]
pub fn key_path(database: &Path) -> PathBuf {
    beside(database, ".key")
}

/// Where the next key of a database waits until the database itself says that it is in force.
#[must_use]
pub fn next_key_path(database: &Path) -> PathBuf {
    beside(database, ".key.next")
}

/// The directory a file lies in.
#[must_use]
pub fn directory(file: &Path) -> &Path {
    file.parent().filter(|named| !named.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes names that were given or taken in the directory of a file outlast a power cut.
///
/// # Errors
/// The system's.
pub fn sync_directory(file: &Path) -> std::io::Result<()> {
    File::open(directory(file))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_lies_in_the_directory_one_stands_in() {
        for (file, place) in [("a.db", "."), ("b/a.db", "b"), ("/a.db", "/")] {
            assert_eq!(directory(Path::new(file)), Path::new(place), "{file}");
        }
        assert_eq!(beside(Path::new("b/a.db"), "-wal"), Path::new("b/a.db-wal"));
    }
}
