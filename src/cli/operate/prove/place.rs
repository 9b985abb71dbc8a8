//! Provers of the directories that the daemon writes into. Each may lie on a disk that hangs: it is waited for, but not for ever.

use std::path::Path;

use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::cli::run_as;
use crate::config::sections::mail::Transport;
use crate::daemon::files::look_deadline::{PATIENCE, PlaceFault, look_within};
use crate::daemon::monitoring::machine;

/// What to do about a place that does not answer: what is configured may well be right.
const SILENT: &str = "bring its disk or the network to it back (`findmnt -T DIRECTORY` shows what is mounted there), or name another place";

/// The directory of the database, and those of [`named`].
pub(super) fn directories(context: &CheckContext) -> Vec<CheckFinding> {
    home(context).into_iter().chain(named(context)).collect()
}

/// The directories that the configuration names beside the database's: a reload may change them.
pub(in crate::cli::operate) fn named(context: &CheckContext) -> Vec<CheckFinding> {
    let mut wanted: Vec<(&str, &Path)> = Vec::new();
    if let Some(config) = &context.config {
        wanted.push(("backup.directory", &config.backup.directory));
        if matches!(config.mail.transport, Transport::Spool) {
            wanted.push(("mail.spool_dir", &config.mail.spool_dir));
        }
    }
    let hint = "make it a directory the service's user may write to, or name another";
    wanted.into_iter().filter_map(|(key, place)| told(context, key, place, hint)).collect()
}

/// What to do where the service could not keep its database.
const HOME: &str = "name a place of the service's own: as a service `/var/lib/aftercare/aftercare.db`, and likewise \
                    `mail.spool_dir` and `backup.directory`; or make it a directory the service's user may write to";

/// The database's directory is not ours to make: whoever runs us gives it the right owner.
fn home(context: &CheckContext) -> Option<CheckFinding> {
    let (key, home) = ("database.path", context.database.as_deref().and_then(Path::parent)?);
    let place = home.to_owned();
    if look_within(PATIENCE, move || place.exists()) == Some(false) {
        let problem = format!("the directory `{}` is not there", home.display());
        let hint =
            "create it for the service's user: `install -d -m 700 -o aftercare -g aftercare DIRECTORY`";
        return Some(context.fault_at(key, &problem, hint));
    }
    told(context, key, home, HOME)
}

/// What speaks against writing there, and who looked: root may write where the service may not.
fn told(context: &CheckContext, key: &str, place: &Path, hint: &str) -> Option<CheckFinding> {
    let fault = machine::unwritable(place)?;
    Some(match &fault {
        PlaceFault::Silent(_) => context.away_at(key, &fault.to_string(), SILENT),
        PlaceFault::Unfit(why) => {
            context.fault_at(key, &format!("{why} (looked at as `{}`)", run_as::name()), hint)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::operate::prove::tests::context;

    #[test]
    fn a_place_that_is_no_directory_is_a_fault() {
        let (_dir, context, _) =
            context(&[("directory = \"backups\"", "directory = \"aftercare.toml/backups\"")]);
        let found = directories(&context);
        assert!(
            matches!(&found[..], [CheckFinding::Fault(f)] if f.problem.contains("is not a directory")),
            "{found:?}"
        );
        assert_eq!(named(&context), found);
    }
}
