//! What a file is by its first bytes: a plain database, an encrypted one, or none.

use std::io::Read;
use std::path::Path;

/// How every plain SQLite database begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The size of a page; an encrypted database is a number of whole ones.
const PAGE: u64 = 4096;
/// So many different bytes stand at least among the sixteen that an encrypted database begins with: they are random.
const DIFFERENT: usize = 10;

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// It is not there, or empty.
    Absent,
    /// A plain SQLite database.
    Plain,
    /// Most likely an encrypted one: whole pages that begin with random bytes.
    Encrypted,
    /// Something else, or a database whose beginning is destroyed.
    Other,
}

impl FileForm {
    /// Looks at a file.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        let mut head = [0; MAGIC.len()];
        let Ok(mut file) = std::fs::File::open(path) else { return Self::Absent };
        let length = file.metadata().map_or(0, |file| file.len());
        match file.read_exact(&mut head) {
            Err(_) if length == 0 => Self::Absent,
            Err(_) => Self::Other,
            Ok(()) if head == *MAGIC => Self::Plain,
            Ok(()) if length % PAGE == 0 && is_random(head) => Self::Encrypted,
            Ok(()) => Self::Other,
        }
    }
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
        let form = |bytes: &[u8]| {
            let path = dir.path().join("a.db");
            std::fs::write(&path, bytes).unwrap();
            FileForm::of(&path)
        };
        assert_eq!(FileForm::of(&dir.path().join("none.db")), FileForm::Absent);
        assert_eq!(form(b""), FileForm::Absent);
        assert_eq!(form(b"SQLite format 3\0 and so on"), FileForm::Plain);
        let random: Vec<u8> = (0..=255_u8).map(|n| n.wrapping_mul(167) ^ 0x5C).cycle().take(8192).collect();
        assert_eq!(form(&random), FileForm::Encrypted);
        assert_eq!(form(&random[..8191]), FileForm::Other, "no whole pages");
        assert_eq!(form(&[0xA5; 4096]), FileForm::Other);
        assert_eq!(form("reference,preferred_name,birth_date".repeat(4096).as_bytes()), FileForm::Other);
    }
}
