//! The files of the journal: one after the other, each appended to until it is full. What was written is never changed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::db::columns::millis;
use crate::store::db::encryption::paths::sync_directory;
use crate::store::journal::line::JournalLine;

/// So long a file is appended to.
const FULL: u64 = 16 * 1024 * 1024;
/// How the name of a file ends that was mended and is kept as it was.
pub(in crate::store::journal) const DAMAGED: &str = "damaged";
/// So much of a file's end is looked at first for its last line.
const END: u64 = 64 * 1024;

/// The files in a directory, the oldest first; none where there is no directory.
///
/// # Errors
/// The system's.
pub fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        found.extend(number(&path).map(|number| (number, path)));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix("sent-")?.strip_suffix(".jsonl")?.parse().ok()
}

/// Hands every line of a file that can be read to `visit`, in order.
///
/// # Errors
/// The system's.
pub(in crate::store::journal) fn each_line(
    path: &Path,
    mut visit: impl FnMut(JournalLine),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let text = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
        if let Some(line) = text.and_then(JournalLine::parse) {
            visit(line);
        }
        bytes.clear();
    }
    Ok(())
}

/// The last line of a file that can be read.
pub(in crate::store::journal) fn last_line(path: &Path) -> std::io::Result<Option<JournalLine>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut found = whole.rsplit('\n').find_map(JournalLine::parse);
    if found.is_none() && length > END {
        each_line(path, |line| found = Some(line))?;
    }
    Ok(found)
}

/// The newest line of a journal that can be read; `None` where it holds none.
///
/// # Errors
/// The system's.
pub fn newest_line(directory: &Path) -> std::io::Result<Option<JournalLine>> {
    for path in list(directory)?.iter().rev() {
        if let Some(line) = last_line(path)? {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// The file that is appended to.
pub(in crate::store::journal) struct Segment {
    file: File,
    /// Its length after our last append; another one says that another process appended.
    length: u64,
}

impl Segment {
    /// The newest file, made ready to be appended to. What a power cut tore off stays, on a line of its own.
    pub(in crate::store::journal) fn newest(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new().append(true).read(true).open(path)?;
        let mut length = file.metadata()?.len();
        let mut last = [b'\n'];
        if length > 0 {
            file.seek(SeekFrom::Start(length - 1))?;
            file.read_exact(&mut last)?;
        }
        if last != [b'\n'] {
            file.write_all(b"\n")?;
            length += 1;
        }
        Ok(Self { file, length })
    }

    /// A new file behind all there are, of its owner's alone.
    pub(in crate::store::journal) fn next(directory: &Path) -> std::io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let newest = list(directory)?.pop().and_then(|path| number(&path)).unwrap_or(0);
        let path = directory.join(format!("sent-{:06}.jsonl", newest + 1));
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
        sync_directory(&path)?;
        Ok(Self { file, length: 0 })
    }

    /// Whether nobody else appended to it or took it away. Behind a full one another process may have begun the next.
    pub(in crate::store::journal) fn is_untouched(&self) -> std::io::Result<bool> {
        use std::os::unix::fs::MetadataExt;
        let held = self.file.metadata()?;
        Ok(held.nlink() > 0 && held.len() == self.length && self.length < FULL)
    }

    /// Whether another one is due.
    pub(in crate::store::journal) fn is_full(&self) -> bool {
        self.length >= FULL
    }

    /// Appends whole lines and waits until they are on the disk.
    pub(in crate::store::journal) fn append(&mut self, text: &str) -> std::io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.sync_data()?;
        self.length += u64::try_from(text.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}

/// Removes files whose last event is older than `before`; never the newest. Returns how many.
///
/// # Errors
/// The system's.
pub fn prune(directory: &Path, before: Timestamp) -> std::io::Result<usize> {
    let mut files = list(directory)?;
    files.pop();
    let mut gone = 0;
    for path in files {
        match last_line(&path)? {
            Some(line) if line.event.at < millis(before) => {
                std::fs::remove_file(&path)?;
                gone += 1;
            }
            // What follows is younger; what cannot be read is a person's to look at.
            _ => break,
        }
    }
    Ok(gone + prune_damaged(directory, before)?)
}

/// What was damaged goes when it is as old as what was whole: nothing was appended to it since.
fn prune_damaged(directory: &Path, before: Timestamp) -> std::io::Result<usize> {
    let mut gone = 0;
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    for entry in entries {
        let (path, file) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let is_damaged = file.is_file() && path.extension().is_some_and(|end| end == DAMAGED);
        if is_damaged && Timestamp::try_from(file.modified()?).is_ok_and(|written| written < before) {
            std::fs::remove_file(&path)?;
            gone += 1;
        }
    }
    Ok(gone)
}
