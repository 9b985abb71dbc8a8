//! What a file is: a plain database, something sealed, or nothing.
//!
//! SQLite itself is asked. To open and close a database by other means takes the locks from every connection that this process
//! has to it (POSIX `fcntl`: they belong to the process, not to the opening); whoever else leaves the database then believes to
//! be the last one, and removes the log of those who work with it.

use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::db::encryption::file_uri::uri;

/// The size of a page; an encrypted database is a number of whole ones.
const PAGE: u64 = 4096;
/// So many different bytes stand at least among the sixteen that an encrypted database begins with: they are random.
const DIFFERENT: usize = 10;

/// What a file is, as far as one can see without a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// It is not there, or empty.
    Absent,
    /// A plain SQLite database.
    Plain,
    /// No plain database: an encrypted one, a destroyed one, or something else.
    Sealed,
    /// It cannot be read; why, says whoever opens it.
    Unreadable,
}

impl FileForm {
    /// Looks at a file. Nothing is written, locked or left beside it.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        if !std::fs::metadata(path).is_ok_and(|file| file.len() > 0) {
            return Self::Absent;
        }
        match head(path) {
            Ok(()) => Self::Plain,
            Err(fault) if fault.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Self::Sealed,
            Err(_) => Self::Unreadable,
        }
    }
}

/// Reads the first page as that of a file which does not change: neither its log nor a lock is needed for that.
fn head(path: &Path) -> Result<(), rusqlite::Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let sql = Connection::open_with_flags(uri(path, "immutable=1"), flags)?;
    sql.query_row("PRAGMA schema_version", [], |_| Ok(()))
}

/// Whether what SQLite refused is most likely an encrypted database: whole pages that begin with random bytes. Only for a process
/// without a key: it cannot have the file open as a database, so there is no lock that it could lose.
pub(super) fn looks_encrypted(path: &Path) -> bool {
    let mut head = [0; 16];
    let Ok(mut file) = std::fs::File::open(path) else { return false };
    let is_whole = file.metadata().is_ok_and(|file| file.len().is_multiple_of(PAGE));
    is_whole && file.read_exact(&mut head).is_ok() && is_random(head)
}

fn is_random(mut head: [u8; 16]) -> bool {
    let is_text = head.iter().all(|byte| byte.is_ascii());
    head.sort_unstable();
    let different = 1 + head.windows(2).filter(|pair| pair[0] != pair[1]).count();
    !is_text && different >= DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_beginning() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("100% ü?.db");
        assert_eq!(FileForm::of(&path), FileForm::Absent);
        let form = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            (FileForm::of(&path), looks_encrypted(&path))
        };
        assert_eq!(form(b""), (FileForm::Absent, false));
        let random: Vec<u8> = (0..=255_u8).map(|n| n.wrapping_mul(167) ^ 0x5C).cycle().take(8192).collect();
        assert_eq!(form(&random), (FileForm::Sealed, true));
        assert_eq!(form(&random[..8191]), (FileForm::Sealed, false), "no whole pages");
        assert_eq!(form(&[0xA5; 4096]), (FileForm::Sealed, false));
        let text = "reference,preferred_name,birth_date".repeat(4096);
        assert_eq!(form(text.as_bytes()), (FileForm::Sealed, false));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (n)").unwrap();
        assert_eq!(FileForm::of(&path), FileForm::Plain);
    }
}
