//! An empty database of this schema: migrated once in a process, then copied. To migrate for each test anew was up to half of
//! what a test took; that migrating works is asked elsewhere.

use std::path::Path;
use std::sync::OnceLock;

use aftercare::store::database::{OpenMode, Store};

static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();

/// Opens the database at `path`; one that is not there begins as a copy of an empty one.
pub(crate) fn open(path: &Path) -> Store {
    if !path.exists() {
        std::fs::write(path, EMPTY.get_or_init(empty)).unwrap();
    }
    Store::open(path, OpenMode::Create).unwrap()
}

/// Closed before it is read, so that nothing of it is left in its log.
fn empty() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("empty.db");
    drop(Store::open(&path, OpenMode::Create).unwrap());
    std::fs::read(path).unwrap()
}
