//! A database that is gone while its key or its sent journal is still there.

use std::path::Path;

use crate::daemon::assembly::engine::EngineFault;
use crate::daemon::files::look_deadline::{PATIENCE, look_within};
use crate::store::db::encryption::paths::key_path;
use crate::store::journal::segment::newest_line;

/// Whether a database is missing whose key says that there was one: an unmounted disk, a slip in the path. A fresh one in
/// its place would look well and know nobody.
///
/// # Errors
/// [`EngineFault::Vanished`].
pub fn not_vanished(database: &Path) -> Result<(), EngineFault> {
    let key = key_path(database);
    match !database.exists() && key.exists() {
        true => Err(EngineFault::Vanished { database: database.to_owned(), key }),
        false => Ok(()),
    }
}

/// Whether a new database may be made beside this sent journal: one that holds events is of a database that was lost, or is told to
/// lie elsewhere.
///
/// # Errors
/// [`EngineFault::JournalAlone`].
pub fn is_none_lost(database: &Path, journal: &Path) -> Result<(), EngineFault> {
    let place = journal.to_owned();
    // A journal that cannot be read, or does not answer, is told where it is to be written.
    match look_within(PATIENCE, move || newest_line(&place)) {
        Some(Ok(Some(_))) => {
            Err(EngineFault::JournalAlone { database: database.to_owned(), journal: journal.to_owned() })
        }
        Some(Ok(None) | Err(_)) | None => Ok(()),
    }
}

/// What to do about [`EngineFault::JournalAlone`].
pub const JOURNAL_ALONE: &str = "mount its disk, mend `database.path`, or restore the last backup, which learns from the journal \
                                 what was sent since: `aftercare restore FILE`; to begin anew, take the journal away";

/// What to do about [`EngineFault::Vanished`].
pub const VANISHED: &str = "mount its disk, mend `database.path`, or restore the last backup: `aftercare restore FILE`; to \
                            begin anew, take the key away";
