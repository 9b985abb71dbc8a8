//! What keeps a command from a database: who may read it, who could, and an older program at work on it.

use std::path::Path;

use super::exit::{Exit, Failure};
use crate::daemon::files::file_mode;
use crate::daemon::lock::LockFault;

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
