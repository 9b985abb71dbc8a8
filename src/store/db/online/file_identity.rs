//! Whether an open database still has the files it was opened with. One that was removed or replaced goes on taking changes that
//! nobody finds again: others read the name, the connections write to what once had it.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::store::db::encryption::paths::beside;
use crate::store::error::StoreError;

/// The database and its log, as they were when it was opened.
#[derive(Debug)]
pub(in crate::store) struct FileIdentity {
    files: [KnownFile; 2],
}

#[derive(Debug)]
struct KnownFile {
    path: PathBuf,
    inode: Option<Inode>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inode {
    device: u64,
    number: u64,
}

impl FileIdentity {
    /// What lies there now; the database is open, and so has a log.
    pub(in crate::store) fn of(database: &Path) -> Self {
        let known = |path: PathBuf| KnownFile { inode: inode(&path), path };
        Self { files: [known(database.to_owned()), known(beside(database, "-wal"))] }
    }

    /// Looks whether the same files lie there still.
    ///
    /// # Errors
    /// [`StoreError`] naming the file that is not there any more or is another one.
    pub(in crate::store) fn look(&self) -> Result<(), StoreError> {
        match self.files.iter().find(|file| inode(&file.path) != file.inode) {
            Some(file) => Err(StoreError::displaced(&file.path)),
            None => Ok(()),
        }
    }
}

fn inode(path: &Path) -> Option<Inode> {
    std::fs::metadata(path).ok().map(|file| Inode { device: file.dev(), number: file.ino() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::encryption::file_form::FileForm;
    use crate::store::db::encryption::state;
    use crate::store::db::health;
    use crate::store::db::online::pace::NoPace;

    #[test]
    fn a_log_that_is_taken_away_from_an_open_database_is_noticed_and_what_is_in_it_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let store = Store::open(&path, OpenMode::Create).unwrap();
        store.keeps_its_files().unwrap();
        std::fs::remove_file(beside(&path, "-wal")).unwrap();
        let stamp = crate::store::database::tests::stamp();
        store.write_blocking(stamp, |tx| tx.set_fact("after", "1")).unwrap();
        let fault = store.keeps_its_files().unwrap_err();
        assert!(fault.to_string().contains("a.db-wal"), "{fault}");
        // A daemon that ends in good order folds what it has into the file.
        drop(store);
        let store = Store::open(&path, OpenMode::Existing).unwrap();
        assert_eq!(store.read(|view| view.fact("after")).unwrap().as_deref(), Some("1"));
    }

    /// Locks that this process holds for reading on a file, as the kernel lists them.
    fn held_locks(path: &Path) -> usize {
        let file = std::fs::metadata(path).unwrap();
        let (process, inode) = (std::process::id().to_string(), format!(":{}", file.ino()));
        let locks = std::fs::read_to_string("/proc/locks").unwrap();
        let lines = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .filter(|words| words.contains(&"READ") && words.contains(&process.as_str()))
            .filter(|words| words.iter().any(|word| word.ends_with(&inode)))
            .count()
    }

    #[test]
    fn nothing_we_do_beside_an_open_database_takes_its_locks() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        let store = Store::open(&path, OpenMode::Create).unwrap();
        // The kernel lists locks piece by piece: while others come and go a look may miss one.
        let is_held = || (0..100).any(|_| held_locks(&path) > 0);
        let still_held = |after: &str| assert!(is_held(), "gone after {after}");
        still_held("opening it");
        assert_eq!(FileForm::of(&path), FileForm::Plain);
        still_held("looking what it is");
        health::look(&path).unwrap();
        still_held("looking whether it is sound");
        health::schema(&path).unwrap();
        health::peek(&path, |view| view.row_counts()).unwrap();
        still_held("a question from outside");
        state::encryption_of(&path).unwrap();
        state::prove(&path).unwrap();
        still_held("asking for its key");
        store.read(|view| view.copy_to(&copy, &NoPace)).unwrap();
        still_held("a copy");
        store.fold_log().unwrap();
        store.write_anew(std::time::Duration::MAX).unwrap();
        still_held("writing it anew");
        drop(Store::open(&path, OpenMode::Existing).unwrap());
        still_held("a second opening");
    }

    #[test]
    fn folding_the_log_and_writing_the_file_anew_leave_both_in_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        store.fold_log().unwrap();
        store.write_anew(std::time::Duration::MAX).unwrap();
        store.keeps_its_files().unwrap();
    }
}
