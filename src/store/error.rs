//! One opaque error for the whole memory, with predicates that callers act on and a hint that people read.

use std::path::Path;

use crate::store::db::unreadable::Place;

/// What went wrong in the store.
#[derive(Debug)]
pub struct StoreError {
    kind: Kind,
    text: String,
    /// Which row it is about, where it is about one that cannot be read.
    place: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Busy,
    Conflict,
    Corrupt,
    Unreadable,
    Full,
    ReadOnly,
    Newer,
    Older,
    Missing,
    Empty,
    NotFound,
    Closed,
    Disk,
    Undone,
    Other,
}

impl StoreError {
    const fn new(kind: Kind, text: String) -> Self {
        Self { kind, text, place: None }
    }

    /// One row holds what no version of this program wrote; its neighbours may be well.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.kind == Kind::Unreadable
    }

    /// The row that cannot be read, where it is known.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What is wrong, without saying where; holds no personal data.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.text
    }

    /// The same about this row, unless a nearer one is named already.
    pub(in crate::store) fn at(mut self, place: Place) -> Self {
        if self.kind == Kind::Unreadable && self.place.is_none() {
            self.place = Some(place);
        }
        self
    }

    /// Another process holds the database longer than we wait.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.kind == Kind::Busy
    }

    /// A uniqueness or state rule of the schema refused the change.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// The file is not a healthy database.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.kind == Kind::Corrupt
    }

    /// The disk is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// Nothing can be recorded at all, whatever the record: no neighbour would fare better.
    #[must_use]
    pub fn is_everyones(&self) -> bool {
        matches!(
            self.kind,
            Kind::Busy | Kind::Full | Kind::ReadOnly | Kind::Closed | Kind::Disk | Kind::Undone
        )
    }

    /// A later program has brought the schema further than this one knows.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        self.kind == Kind::Newer
    }

    /// The named row does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }

    /// The database file itself is missing, empty, newer than the program, or cannot be written: a matter of configuration.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self.kind, Kind::Missing | Kind::Empty | Kind::Newer | Kind::Older | Kind::ReadOnly)
    }

    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.kind {
            Kind::Busy => "another command is writing; try again in a moment",
            Kind::Conflict => "look at the record first: `aftercare patient show REF`",
            Kind::Corrupt => "stop the daemon and restore the last backup: `aftercare restore FILE`",
            Kind::Unreadable => {
                "`aftercare doctor` names the record; have it mended, or restore a backup; everything else goes on"
            }
            Kind::Full => "free space on the database's disk; nothing was lost, nothing was half done",
            Kind::ReadOnly => "make the database file and its directory writable for the service's user",
            Kind::Newer => "install the aftercare version that wrote this database, or a later one",
            Kind::Older => {
                "start the daemon, or run `aftercare drain`: either brings the database up to date; whoever only reads changes nothing"
            }
            Kind::Missing => "run `aftercare check`, or start `aftercare serve` once to create it",
            Kind::Empty => {
                "restore the last backup: `aftercare restore FILE`; to begin anew, take the empty file away"
            }
            Kind::NotFound => "see what there is with the matching `list` command",
            Kind::Closed => "the daemon is stopping; try again when it runs",
            Kind::Disk => {
                "the disk under the database fails: look at the system's log, then restore the last backup"
            }
            Kind::Undone => {
                "look at the space on the database's disk and at the system's log, then try again; nothing was half done"
            }
            Kind::Other => "run `aftercare doctor`",
        }
    }

    /// A named row was looked for and is not there. `what` holds no personal data.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("no such {what}"))
    }

    /// The change contradicts what is recorded. `what` holds no personal data.
    #[must_use]
    pub fn conflict(what: &str) -> Self {
        Self::new(Kind::Conflict, what.to_owned())
    }

    /// A stored value that no version of this program wrote.
    #[must_use]
    pub fn corrupt(what: &str) -> Self {
        Self::new(Kind::Unreadable, format!("the database holds an impossible value: {what}"))
    }

    /// The file itself is damaged.
    pub(in crate::store) fn damaged(what: &str) -> Self {
        Self::new(Kind::Corrupt, what.to_owned())
    }

    pub(in crate::store) fn missing(path: &Path) -> Self {
        Self::new(Kind::Missing, format!("there is no database at `{}`", path.display()))
    }

    /// A database is never empty: something has cut the file off.
    pub(in crate::store) fn empty(path: &Path) -> Self {
        Self::new(Kind::Empty, format!("the database at `{}` is an empty file", path.display()))
    }

    pub(in crate::store) fn read_only(path: &Path) -> Self {
        Self::new(Kind::ReadOnly, format!("the database at `{}` cannot be written", path.display()))
    }

    pub(in crate::store) fn newer(found: i32, known: i32) -> Self {
        let text = format!("the database has schema {found}, this program knows up to {known}");
        Self::new(Kind::Newer, text)
    }

    pub(in crate::store) fn older(found: i32, known: i32) -> Self {
        let text = format!("the database has schema {found}, this program works with {known}");
        Self::new(Kind::Older, text)
    }

    /// No writer is left.
    #[must_use]
    pub fn closed() -> Self {
        Self::new(Kind::Closed, "the store is closed".to_owned())
    }

    /// The database was locked all the while.
    pub(in crate::store) fn held() -> Self {
        Self::new(Kind::Busy, "the database is held by another program".to_owned())
    }

    /// SQLite has rolled back more than the part that failed: all that was to be committed with it.
    pub(in crate::store) fn undone() -> Self {
        let text = "the change was undone together with one that met a full or failing disk".to_owned();
        Self::new(Kind::Undone, text)
    }

    pub(in crate::store) fn is_undone(&self) -> bool {
        self.kind == Kind::Undone
    }

    pub(in crate::store) fn panicked() -> Self {
        Self::new(Kind::Other, "a step panicked; its change was rolled back".to_owned())
    }

    pub(in crate::store) fn other(text: String) -> Self {
        Self::new(Kind::Other, text)
    }

    pub(in crate::store) fn io(path: &Path, error: &std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::StorageFull => Kind::Full,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
            _ => Kind::Other,
        };
        Self::new(kind, format!("`{}`: {error}", path.display()))
    }

    /// The same failure for another waiter of the same commit.
    pub(crate) fn again(&self) -> Self {
        Self { kind: self.kind, text: self.text.clone(), place: self.place.clone() }
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
        if let Some(column) = column(&error) {
            return Self::new(Kind::Unreadable, format!("the database holds an impossible value: {column}"));
        }
        let code = error.sqlite_error().map(|e| e.extended_code);
        let kind = match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Kind::Busy,
            Some(Code::ConstraintViolation) => Kind::Conflict,
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Kind::Corrupt,
            Some(Code::DiskFull) => Kind::Full,
            // The index of the write-ahead log could not grow: SQLite has no better word for a full disk there.
            Some(Code::SystemIoFailure) if code == Some(ffi::SQLITE_IOERR_SHMSIZE) => Kind::Full,
            Some(Code::SystemIoFailure) => Kind::Disk,
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => Kind::ReadOnly,
            _ if matches!(error, rusqlite::Error::QueryReturnedNoRows) => Kind::NotFound,
            _ => Kind::Other,
        };
        let text = match code {
            Some(code) if matches!(kind, Kind::Disk | Kind::Other) => format!("{error} (SQLite code {code})"),
            _ => error.to_string(),
        };
        // SQLite's message names tables and columns, never values, so it is safe to log.
        Self::new(kind, text)
    }
}

/// Which column holds what cannot be taken out of it.
fn column(error: &rusqlite::Error) -> Option<String> {
    use rusqlite::Error;
    match error {
        Error::InvalidColumnType(at, name, _) => Some(format!("column {at}, {name}")),
        Error::FromSqlConversionFailure(at, ..)
        | Error::IntegralValueOutOfRange(at, _)
        | Error::Utf8Error(at, _) => Some(format!("column {at}")),
        _ => None,
    }
}
