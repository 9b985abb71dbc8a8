//! One opaque error for the whole store, with predicates that callers act on and a hint that people read.

mod kind;

use std::path::Path;

use nix::errno::Errno;

use self::kind::StoreErrorKind;
use crate::store::db::encryption::disk_mode::refuses_files;
use crate::store::db::encryption::fault::EncryptionFault;
use crate::store::db::row_location::{self, RowLocation};

/// What went wrong in the store.
#[derive(Debug, Clone)]
pub struct StoreError {
    kind: StoreErrorKind,
    text: String,
    /// Which row it is about, where it is about one that cannot be read.
    place: Option<RowLocation>,
}

impl StoreError {
    const fn new(kind: StoreErrorKind, text: String) -> Self {
        Self { kind, text, place: None }
    }

    /// One row holds what no version of this program wrote; its neighbours may be well.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.kind == StoreErrorKind::Unreadable
    }

    /// The row that cannot be read, where it is known.
    #[must_use]
    pub const fn place(&self) -> Option<&RowLocation> {
        self.place.as_ref()
    }

    /// What is wrong, without saying where; holds no personal data.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.text
    }

    /// The same about this row, unless a nearer one is named already.
    pub(in crate::store) fn at(mut self, place: RowLocation) -> Self {
        if self.kind == StoreErrorKind::Unreadable && self.place.is_none() {
            self.place = Some(place);
        }
        self
    }

    /// Another process holds the database longer than we wait.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.kind == StoreErrorKind::Busy
    }

    /// A uniqueness or state rule of the schema refused the change.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind == StoreErrorKind::Conflict
    }

    /// Whoever asked for the work ended it before its end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.kind == StoreErrorKind::Stopped
    }

    /// The disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == StoreErrorKind::Full
    }

    /// The disk has no room, takes no change or fails; SQLite may have undone the whole transaction for it already.
    #[must_use]
    pub fn is_of_disk(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Full
                | StoreErrorKind::ReadOnlyDisk
                | StoreErrorKind::Disk
                | StoreErrorKind::Undone
        )
    }

    /// The file or its directory cannot be written.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.kind, StoreErrorKind::ReadOnly | StoreErrorKind::ReadOnlyDisk)
    }

    /// The system gives no more open files, or no memory: it passes.
    #[must_use]
    pub fn is_none_left(&self) -> bool {
        self.kind == StoreErrorKind::NoneLeft
    }

    /// The same after a look beside the database, where SQLite says no more than that it could not open or write it: what the system
    /// refuses there tells what is wrong.
    #[must_use]
    pub fn looked_into(self, database: &Path) -> Self {
        if !matches!(self.kind, StoreErrorKind::ReadOnly | StoreErrorKind::Disk) {
            return self;
        }
        let refused = refuses_files(database).and_then(|errno| Some((errno, kind::refused(errno)?)));
        refused.map_or(self, |(errno, kind)| {
            let said = std::io::Error::from(errno);
            Self::new(kind, format!("no file can be made beside `{}`: {said}", database.display()))
        })
    }

    /// Nothing can be recorded at all, whatever the record: no neighbour would fare better.
    #[must_use]
    pub fn is_everyones(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Busy
                | StoreErrorKind::Full
                | StoreErrorKind::ReadOnly
                | StoreErrorKind::ReadOnlyDisk
                | StoreErrorKind::NoneLeft
                | StoreErrorKind::Closed
                | StoreErrorKind::Disk
                | StoreErrorKind::Undone
        )
    }

    /// A later program has brought the schema further than this one knows.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        self.kind == StoreErrorKind::Newer
    }

    /// The named row does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == StoreErrorKind::NotFound
    }

    /// When the record that was looked for was erased, if it was.
    #[must_use]
    pub fn erased_at(&self) -> Option<jiff::Timestamp> {
        match self.kind {
            StoreErrorKind::Erased(at) => Some(at),
            _ => None,
        }
    }

    /// The database file itself is missing, empty, newer than the program, or cannot be written: a matter of configuration.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Missing
                | StoreErrorKind::Empty
                | StoreErrorKind::Newer
                | StoreErrorKind::Older
                | StoreErrorKind::ReadOnly
        ) || self.is_of_encryption()
    }

    /// The file is encrypted and no key of ours fits, or it is plain where it should not be.
    #[must_use]
    pub fn is_of_encryption(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Encryption(_))
    }

    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.kind.hint()
    }

    /// A named row was looked for and is not there. `what` holds no personal data.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(StoreErrorKind::NotFound, format!("no such {what}"))
    }

    /// The record of that case code was erased.
    pub(in crate::store) fn erased(at: jiff::Timestamp) -> Self {
        let on = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let text = format!("the record of that case code was erased on {on}, as two people had decided");
        Self::new(StoreErrorKind::Erased(at), text)
    }

    /// The change contradicts what is recorded. `what` holds no personal data.
    #[must_use]
    pub fn conflict(what: &str) -> Self {
        Self::new(StoreErrorKind::Conflict, what.to_owned())
    }

    /// A stored value that no version of this program wrote.
    #[must_use]
    pub fn corrupt(what: &str) -> Self {
        Self::new(StoreErrorKind::Unreadable, format!("the database holds an impossible value: {what}"))
    }

    /// The file itself is damaged.
    pub(in crate::store) fn damaged(what: &str) -> Self {
        Self::new(StoreErrorKind::Corrupt, what.to_owned())
    }

    pub(in crate::store) fn missing(path: &Path) -> Self {
        Self::new(StoreErrorKind::Missing, format!("there is no database at `{}`", path.display()))
    }

    /// A file of an open database was removed, or another put in its place.
    pub(in crate::store) fn displaced(path: &Path) -> Self {
        let what = "was removed or replaced while aftercare had it open";
        Self::new(StoreErrorKind::Displaced, format!("`{}` {what}", path.display()))
    }

    /// A database is never empty: something has cut the file off.
    pub(in crate::store) fn empty(path: &Path) -> Self {
        Self::new(StoreErrorKind::Empty, format!("the database at `{}` is an empty file", path.display()))
    }

    pub(in crate::store) fn read_only(path: &Path) -> Self {
        Self::new(StoreErrorKind::ReadOnly, format!("the database at `{}` cannot be written", path.display()))
    }

    pub(in crate::store) fn newer(found: i32, known: i32) -> Self {
        let text = format!("the database has schema {found}, this program knows up to {known}");
        Self::new(StoreErrorKind::Newer, text)
    }

    pub(in crate::store) fn older(found: i32, known: i32) -> Self {
        let text = format!("the database has schema {found}, this program works with {known}");
        Self::new(StoreErrorKind::Older, text)
    }

    /// The encryption of a file and the keys of this process do not go together.
    pub(in crate::store) fn of_encryption(fault: EncryptionFault, path: &Path) -> Self {
        Self::new(StoreErrorKind::Encryption(fault), fault.text(path))
    }

    /// No writer is left.
    #[must_use]
    pub fn closed() -> Self {
        Self::new(StoreErrorKind::Closed, "the store is closed".to_owned())
    }

    /// Nobody waits any longer for a change; it may still be made.
    #[must_use]
    pub fn late() -> Self {
        Self::new(StoreErrorKind::Busy, "the change was not made in time".to_owned())
    }

    /// Long work was ended before its end.
    #[must_use]
    pub fn stopped() -> Self {
        Self::new(StoreErrorKind::Stopped, "the work was stopped before its end".to_owned())
    }

    /// The database was locked all the while.
    pub(in crate::store) fn held() -> Self {
        Self::new(StoreErrorKind::Busy, "the database is held by another program".to_owned())
    }

    /// SQLite has rolled back more than the part that failed: all that was to be committed with it.
    pub(in crate::store) fn undone() -> Self {
        let text = "the change was undone together with one that met a full or failing disk".to_owned();
        Self::new(StoreErrorKind::Undone, text)
    }

    pub(in crate::store) fn is_undone(&self) -> bool {
        self.kind == StoreErrorKind::Undone
    }

    pub(in crate::store) fn panicked() -> Self {
        Self::new(StoreErrorKind::Other, "a step panicked; its change was rolled back".to_owned())
    }

    pub(in crate::store) fn other(text: String) -> Self {
        Self::new(StoreErrorKind::Other, text)
    }

    pub(in crate::store) fn io(path: &Path, error: &std::io::Error) -> Self {
        let errno = error.raw_os_error().map(Errno::from_raw);
        let kind = match (errno.and_then(kind::refused), error.kind()) {
            (Some(kind), _) => kind,
            (None, std::io::ErrorKind::PermissionDenied) => StoreErrorKind::ReadOnly,
            (None, _) => StoreErrorKind::Other,
        };
        Self::new(kind, format!("`{}`: {error}", path.display()))
    }

    /// The file itself holds what no SQLite wrote: a page that cannot be read.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.kind == StoreErrorKind::Corrupt
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            Some(place) => write!(f, "record `{place}` cannot be read: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{ErrorCode as Code, ffi};
        // Its words name a column and a type, never a value.
        if let Some(column) = row_location::column(&error) {
            let what = format!("the database holds an impossible value: {column}");
            return Self::new(StoreErrorKind::Unreadable, what);
        }
        let code = error.sqlite_error().map(|e| e.extended_code);
        let kind = match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => StoreErrorKind::Busy,
            Some(Code::ConstraintViolation) => StoreErrorKind::Conflict,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => StoreErrorKind::Corrupt,
            Some(Code::OperationInterrupted) => return Self::stopped(),
            Some(Code::DiskFull) => StoreErrorKind::Full,
            // The index of the write-ahead log could not grow: SQLite has no better word for a full disk there.
            Some(Code::SystemIoFailure) if code == Some(ffi::SQLITE_IOERR_SHMSIZE) => StoreErrorKind::Full,
            Some(Code::SystemIoFailure) => StoreErrorKind::Disk,
            Some(Code::OutOfMemory) => StoreErrorKind::NoneLeft,
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => StoreErrorKind::ReadOnly,
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => StoreErrorKind::NotFound,
            _ => StoreErrorKind::Other,
        };
        let text = match code {
            Some(code @ (ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_FSYNC)) => {
                format!("the disk does not take what is written (SQLite code {code})")
            }
            Some(code) if matches!(kind, StoreErrorKind::Disk | StoreErrorKind::Other) => {
                format!("{error} (SQLite code {code})")
            }
            _ => error.to_string(),
        };
        // SQLite's message names tables and columns, never values, so it is safe to log.
        Self::new(kind, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(errno: Errno) -> StoreError {
        StoreError::io(Path::new("/srv/a.db"), &errno.into())
    }

    #[test]
    fn what_passes_is_no_matter_of_configuration() {
        for errno in [Errno::EROFS, Errno::ENOSPC, Errno::EDQUOT, Errno::EMFILE, Errno::ENFILE, Errno::EIO] {
            assert!(!of(errno).is_configuration() && of(errno).is_everyones(), "{errno}");
        }
        assert!(of(Errno::EROFS).is_read_only() && of(Errno::EROFS).is_of_disk());
        assert!(of(Errno::ENOSPC).is_full() && of(Errno::EMFILE).is_none_left());
        assert!(of(Errno::EACCES).is_configuration(), "who set it up must mend that");
    }

    #[test]
    fn a_disk_that_refuses_what_is_written_is_said_so() {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_WRITE);
        let told = StoreError::from(rusqlite::Error::SqliteFailure(code, Some("disk I/O error".to_owned())));
        assert_eq!(told.to_string(), "the disk does not take what is written (SQLite code 778)");
        assert!(told.is_of_disk());
    }

    #[test]
    fn what_sqlite_could_not_open_is_told_by_what_the_system_refuses_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let unopened = || StoreError::read_only(&path);
        assert!(unopened().looked_into(&path).is_configuration(), "files can be made there");
        let is_full = StoreError::new(StoreErrorKind::Full, String::new()).looked_into(&path);
        assert!(is_full.is_full());
    }
}
