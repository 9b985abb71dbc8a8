//! What keeps a command from a database: who may read it, who could, and an older program at work on it.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::config::load;
use crate::daemon::backup::rollback;
use crate::daemon::files::file_mode;
use crate::daemon::lock::LockFault;
use crate::store::database::Store;
use crate::store::db::encryption::disk_mode::is_on_read_only_disk;
use crate::store::db::encryption::paths;
use crate::store::db::transaction::Stamp;
use crate::store::error::StoreError;

/// What whoever looks at a database on a disk that cannot be written must know.
pub(in crate::cli) const READ_ONLY: &str = "remark: the database's disk is mounted read-only, or takes no change since it failed: this is read from it \
                                    as it stands, and nothing can be recorded: look at the kernel's log, mend it and mount it writable";

/// What to do where the disk takes no change.
const MOUNTED: &str = "the database's disk is mounted read-only, or takes no change since it failed: look at the kernel's log, mend it and \
                       mount it writable; the service tries again by itself";

/// Closes what others could read of the database and its key, and says so. A key that cannot be closed is refused: who has
/// it makes links of every patient.
pub(super) fn close_to_others(path: &Path, say: impl Fn(&str)) -> Result<(), Failure> {
    for open in file_mode::open_to_others(path) {
        let problem = open.problem();
        match file_mode::close(&open) {
            Err(_) if open.is_key => {
                return Err(Failure::new(Exit::BadConfiguration, problem).hint(open.hint()));
            }
            closed => {
                let (now, hint) = (if closed.is_ok() { "; it is closed now" } else { "" }, open.hint());
                say(&format!("remark: {problem}{now}: {hint}"));
            }
        }
    }
    Ok(())
}

/// Lets the sent journal follow the database from now on. Where that is older than its journal, a backup was put in its place by
/// hand: first it is held, as after a restore, by the stamp of whoever may change it. One whose disk hangs is waited for, but not
/// for ever.
pub(super) fn keep_journal(
    store: &Store,
    journal: &Path,
    stamp: Option<Stamp>,
    say: impl Fn(&str),
) -> Result<(), Failure> {
    const PUT_BACK: &str = "remark: the database is older than its sent journal: a backup was put in its place without `aftercare \
                            restore`; letters to patients";
    let lost = match rollback::lost(store, journal) {
        Ok(lost) => lost,
        Err(fault) => {
            say(&format!("remark: {fault}"));
            // Whoever only looks touches it no further; what others record is in it once it answers.
            if stamp.is_none() {
                return Ok(());
            }
            None
        }
    };
    match (lost, stamp) {
        (None, _) => {}
        // Whoever only looks leaves both as they are.
        (Some(_), None) => {
            say(&format!("{PUT_BACK} will be held when the daemon starts"));
            return Ok(());
        }
        (Some(lost), Some(stamp)) => {
            let list = rollback::hold(store, &lost, stamp).map_err(|fault| {
                Failure::new(Exit::Unavailable, fault.to_string())
                    .hint("make room, and the database's directory writable for the service's user")
            })?;
            say(&format!(
                "{PUT_BACK} are held, and what the database lacks stands in `{}`: see `aftercare tasks list`",
                list.display()
            ));
        }
    }
    store.keep_journal(journal);
    Ok(())
}

/// A disk that is mounted read-only passes, unlike a fault of the configuration: systemd must try again.
pub(super) fn weighed(failure: Failure, config_path: &Path) -> Failure {
    if failure.exit != Exit::BadConfiguration || !failure.faults.is_empty() {
        return failure;
    }
    let place = load::origin(config_path).ok().and_then(|origin| origin.database());
    // What is wrong elsewhere has a hint of its own.
    let is_about =
        |database: &PathBuf| failure.error.contains(&*paths::directory(database).to_string_lossy());
    let database = place.map(|place| place.database).filter(is_about);
    match database.is_some_and(|database| is_on_read_only_disk(&database)) {
        true => Failure { exit: Exit::Unavailable, ..failure }.hint(MOUNTED),
        false => failure,
    }
}

/// The database as far as it can be read, for whoever only looks where nothing can be written.
pub(super) fn opened_to_look(
    path: &Path,
    refused: &StoreError,
    say: impl Fn(&str),
) -> Result<Store, StoreError> {
    let found = Store::open_to_look(path).map_err(|_| refused.clone())?;
    match refused.is_read_only() {
        true => say(READ_ONLY),
        false => say(&format!(
            "remark: this is read from the database as it stands, and nothing can be recorded: {refused}: {}",
            refused.hint()
        )),
    }
    Ok(found)
}

/// Whether this user may not even look for a file there.
pub(super) fn is_closed(path: &Path) -> bool {
    nix::unistd::access(path, nix::unistd::AccessFlags::R_OK) == Err(nix::errno::Errno::EACCES)
}

/// A schema is not moved on beneath a daemon that knows only the one it has.
pub(super) fn beneath(fault: LockFault) -> Failure {
    match fault {
        LockFault::Held(path) => Failure::try_later(format!(
            "the database at `{path}` has an older schema, and an older aftercare works on it"
        ))
        .hint(
            "restart the daemon first, which brings the database up to date: `systemctl restart aftercare`",
        ),
        fault @ LockFault::Io(..) => fault.into(),
    }
}
