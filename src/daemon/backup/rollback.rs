//! A backup that somebody put in the database's place by hand is noticed where it is opened: the sent journal knows events that the
//! database does not have. Then letters are held and whatever stops them is carried over, as a restore does it.

use std::path::{Path, PathBuf};

use crate::daemon::backup::online;
use crate::daemon::backup::restore::RestoreFault;
use crate::daemon::files::paths::beside;
use crate::journey::operations::restore::restored::{Restoration, restored};
use crate::journey::operations::restore_report::{self, Before};
use crate::store::database::Store;
use crate::store::db::transaction::Stamp;
use crate::store::restore_diff::RestoreDiff;

/// Holds letters to patients in a database that has lost what the journal tells; returns the file that lists every lost event.
/// The caller writes the journal only after that: its newest line is what tells.
///
/// # Errors
/// [`RestoreFault`] when the database or the list cannot be written.
pub fn hold(store: &Store, lost: &RestoreDiff, stamp: Stamp) -> Result<PathBuf, RestoreFault> {
    let at = stamp.at.strftime("%Y%m%dT%H%M%SZ");
    let list = beside(store.path(), &format!(".put-back-{at}.lost.txt"));
    tracing::error!(
        events = lost.events.len(),
        "the database is older than its sent journal: it is held, as after a restore"
    );
    let restoration =
        Restoration { before: Before::PutBack(lost.clone()), key: None, list: list.display().to_string() };
    let lines = restored(store, stamp, restoration)?;
    let text = restore_report::list(&lines, lost);
    online::keep(&list, text.as_bytes()).map_err(|error| RestoreFault::Io(list.clone(), error))?;
    Ok(list)
}

/// What the database has lost that stands in this journal, if it is older than that.
#[must_use]
pub fn lost(store: &Store, journal: &Path) -> Option<RestoreDiff> {
    // A journal that cannot be read is told where it is to be written.
    RestoreDiff::lost_by(store, journal).ok().flatten()
}
