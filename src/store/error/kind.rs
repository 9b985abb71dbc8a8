//! What can go wrong in the store, and what to do about each.

use crate::store::db::encryption::fault::EncryptionFault;

/// One fact each; the words around it are the error's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreErrorKind {
    Busy,
    Conflict,
    Corrupt,
    Unreadable,
    Full,
    ReadOnly,
    Newer,
    Older,
    Missing,
    Displaced,
    Empty,
    NotFound,
    Closed,
    Stopped,
    Disk,
    Undone,
    Encryption(EncryptionFault),
    Erased(jiff::Timestamp),
    Other,
}

impl StoreErrorKind {
    /// What to do next, for people.
    pub(super) fn hint(self) -> &'static str {
        match self {
            StoreErrorKind::Busy => "another command is writing; try again in a moment",
            StoreErrorKind::Conflict => "look at the record first: `aftercare patient show REF`",
            StoreErrorKind::Corrupt => {
                "stop the daemon and restore the last backup: `aftercare restore FILE`"
            }
            StoreErrorKind::Unreadable => {
                "`aftercare doctor` names the record; have it mended, or restore a backup; everything else goes on"
            }
            StoreErrorKind::Full => {
                "free space on the database's disk; nothing was lost, nothing was half done"
            }
            StoreErrorKind::ReadOnly => {
                "make the database file and its directory writable for the service's user"
            }
            StoreErrorKind::Newer => "install the aftercare version that wrote this database, or a later one",
            StoreErrorKind::Older => {
                "start the daemon, or run `aftercare drain`: either brings the database up to date; whoever only reads changes nothing"
            }
            StoreErrorKind::Missing => "run `aftercare check`, or start `aftercare serve` once to create it",
            StoreErrorKind::Displaced => "restart the service, then find what takes its files while it runs",
            StoreErrorKind::Empty => {
                "restore the last backup: `aftercare restore FILE`; to begin anew, take the empty file away"
            }
            StoreErrorKind::NotFound => "see what there is with the matching `list` command",
            StoreErrorKind::Closed => "the daemon is stopping; try again when it runs",
            StoreErrorKind::Stopped => "ask for it again; nothing was half done",
            StoreErrorKind::Disk => {
                "the disk under the database fails: look at the system's log, then restore the last backup"
            }
            StoreErrorKind::Undone => {
                "look at the space on the database's disk and at the system's log, then try again; nothing was half done"
            }
            StoreErrorKind::Erased(_) => "nothing of it is left to show, to change or to bring back",
            StoreErrorKind::Encryption(fault) => fault.hint(),
            StoreErrorKind::Other => "run `aftercare doctor`",
        }
    }
}
