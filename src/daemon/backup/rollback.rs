//! A backup that somebody put in the database's place by hand is noticed where it is opened: the sent journal knows events that the
//! database does not have. Then letters are held and whatever stops them is carried over, as a restore does it.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::daemon::backup::restore::RestoreFault;
use crate::daemon::files::look_deadline::{PATIENCE, look_within};
use crate::journey::operations::restore::restored::{Restoration, restored};
use crate::journey::operations::restore_report::{self, Before};
use crate::store::database::Store;
use crate::store::db::encryption::paths::beside;
use crate::store::db::transaction::Stamp;
use crate::store::journal::segment::newest_line;
use crate::store::journal::status::JournalFault;
use crate::store::restore_diff::RestoreDiff;

/// Holds letters to patients in a database that has lost what the journal tells; returns the file that lists every lost event.
/// The caller writes the journal only after that: its newest line is what tells.
///
/// # Errors
/// [`RestoreFault`] when the database or the list cannot be written.
pub fn hold(store: &Store, lost: &RestoreDiff, stamp: Stamp) -> Result<PathBuf, RestoreFault> {
    let (list, mut file) = new_list(store.path(), stamp.at)?;
    tracing::error!(
        events = lost.events.len(),
        "the database is older than its sent journal: it is held, as after a restore"
    );
    let restoration =
        Restoration { before: Before::PutBack(lost.clone()), key: None, list: list.display().to_string() };
    let lines = restored(store, stamp, restoration).inspect_err(|_| drop(std::fs::remove_file(&list)))?;
    let text = restore_report::list(&lines, lost);
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| RestoreFault::Io(list.clone(), error))?;
    Ok(list)
}

/// The list under a name that nothing has yet, open to its owner alone: commands of one second, such as the `bounce` of each
/// message, write one each.
fn new_list(database: &Path, at: Timestamp) -> Result<(PathBuf, File), RestoreFault> {
    let at = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut number = 1;
    loop {
        let another = if number == 1 { String::new() } else { format!("-{number}") };
        let list = beside(database, &format!(".put-back-{at}{another}.lost.txt"));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&list) {
            Ok(file) => return Ok((list, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(RestoreFault::Io(list, error)),
        }
    }
}

/// What the database has lost that stands in this journal, if it is older than that.
///
/// # Errors
/// [`JournalFault::Silent`]: the journal does not answer, and must not keep the daemon from starting.
pub fn lost(store: &Store, journal: &Path) -> Result<Option<RestoreDiff>, JournalFault> {
    let place = journal.to_owned();
    if look_within(PATIENCE, move || newest_line(&place).is_ok()).is_none() {
        tracing::error!(directory = %journal.display(), "the sent journal does not answer: nobody knows whether the database is older than it");
        return Err(JournalFault::Silent(journal.to_owned()));
    }
    // A journal that cannot be read is told where it is to be written.
    Ok(RestoreDiff::lost_by(store, journal).ok().flatten())
}
