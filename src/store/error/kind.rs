//! What can go wrong in the store, and what to do about each.

use nix::errno::Errno;

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
    /// The disk itself takes no change.
    ReadOnlyDisk,
    /// The system gives no more open files, or no memory.
    NoneLeft,
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
                "free space on the database's disk (`df -h`; of inodes `df -i`); nothing was lost, nothing was half done"
            }
            StoreErrorKind::ReadOnlyDisk => {
                "look at the kernel's log, mend the disk and mount it writable; the service tries again by itself"
            }
            StoreErrorKind::NoneLeft => {
                "look for what holds so many files open (`lsof`), or raise the limit: `LimitNOFILE=` of the unit, `ulimit -n`; the \
                 service tries again by itself"
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

/// What the system's refusal of a file says; `None` for what only who set the place up can mend.
pub(super) const fn refused(errno: Errno) -> Option<StoreErrorKind> {
    Some(match errno {
        Errno::EROFS => StoreErrorKind::ReadOnlyDisk,
        Errno::ENOSPC | Errno::EDQUOT => StoreErrorKind::Full,
        Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM => StoreErrorKind::NoneLeft,
        Errno::EIO => StoreErrorKind::Disk,
        _ => return None,
    })
}
