//! A database that is gone while its key is still there.

use std::path::Path;

use crate::daemon::assembly::engine::EngineFault;
use crate::daemon::files::paths::key_path;

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

/// What to do about [`EngineFault::Vanished`].
pub const VANISHED: &str = "mount its disk, mend `database.path`, or restore the last backup: `aftercare restore FILE`; to \
                            begin anew, take the key away";
