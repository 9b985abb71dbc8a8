//! Run as root, a command first becomes the owner of the database, so that no file ends up with the wrong owner.

use std::ffi::CString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, geteuid, getuid, initgroups, setgroups, setresgid, setresuid};

use super::exit::Failure;
use crate::care::actor::Actor;
use crate::config::load;

/// The user that sysusers.d makes, and the unit names.
const SERVICE: &str = "aftercare";

/// Takes on the identity of whoever owns the database, or the directory it will stand in. Not root, or root's own
/// database: nothing to do. Call it while the program still has a single thread.
///
/// # Errors
/// The system refused the change, or somebody without root's rights led root to the database: then nothing may be written.
pub fn take_on(database: &Path) -> Result<(), Failure> {
    if let Some(link) = planted(database).filter(|_| geteuid().is_root()) {
        let (database, link) = (database.display(), link.display());
        return Err(Failure::failed(format!(
            "`{database}`: the link `{link}` leads to what belongs to somebody else than who could make it"
        ))
        .hint("look at it with `ls -l`; give the file it leads to the owner of the link's directory, or name the file itself in `database.path`"));
    }
    let Some((uid, gid)) = owner(database).filter(|(uid, _)| geteuid().is_root() && !uid.is_root()) else {
        return Ok(());
    };
    become_user(uid, gid).map_err(|error| {
        Failure::failed(format!("cannot become the owner of `{}`: {error}", database.display()))
            .hint("run the command as that user: `sudo -u aftercare aftercare …`")
    })
}

/// Of the configuration that the unit goes by: takes on the identity of the service's user where the program still is root.
///
/// # Errors
/// The system refused the change.
pub fn take_on_daemon(config: &Path) -> Result<(), Failure> {
    let of_service = Path::new(load::DEFAULT).canonicalize().ok();
    let is_service = of_service.is_some_and(|file| config.canonicalize().ok() == Some(file));
    if !is_service || !is_root() {
        return Ok(());
    }
    let Some(user) = daemon_user().filter(|user| !user.uid.is_root()) else { return Ok(()) };
    become_user(user.uid, user.gid).map_err(|error| {
        Failure::failed(format!("cannot become the service's user `{}`: {error}", user.name))
            .hint("run the command as that user: `sudo -u aftercare aftercare …`")
    })
}

/// Whom systemd runs the service as; where nobody tells, the user of that name.
fn daemon_user() -> Option<User> {
    let ask = ["show", "--property=LoadState", "--property=User", "aftercare.service"];
    let told = Command::new("systemctl").args(ask).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
    named_by(&told).and_then(|name| User::from_name(&name).ok().flatten())
}

/// The user in what systemd says of the unit; `None` for a unit that runs as root.
fn named_by(told: &str) -> Option<String> {
    let said = |key: &str| told.lines().find_map(|line| line.strip_prefix(key));
    match (said("LoadState="), said("User=")) {
        (Some("loaded"), Some("") | None) => None,
        (Some("loaded"), Some(name)) => Some(name.to_owned()),
        _ => Some(SERVICE.to_owned()),
    }
}

/// The name of whoever the program runs as, for messages.
#[must_use]
pub fn name() -> String {
    User::from_uid(geteuid()).ok().flatten().map_or_else(|| geteuid().to_string(), |user| user.name)
}

fn owner(database: &Path) -> Option<(Uid, Gid)> {
    let place = std::fs::metadata(database).or_else(|_| {
        std::fs::metadata(database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    });
    place.ok().map(|m| (Uid::from_raw(m.uid()), Gid::from_raw(m.gid())))
}

/// A link on the way to the database that somebody without root's rights can make, to what is not his own: root would read and
/// write in his place what he cannot.
fn planted(database: &Path) -> Option<PathBuf> {
    let (target, _) = owner(database)?;
    let made_by = |link: &Path| {
        let directory = link.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let of_directory = Uid::from_raw(std::fs::metadata(directory).ok()?.uid());
        let of_link = Uid::from_raw(link.symlink_metadata().ok().filter(|it| it.is_symlink())?.uid());
        // In a directory of root's others make links at most where everybody may, as in /tmp.
        Some(if of_directory.is_root() { of_link } else { of_directory })
    };
    let is_foreign = |link: &&Path| made_by(link).is_some_and(|by| !by.is_root() && by != target);
    database.ancestors().find(is_foreign).map(Path::to_owned)
}

/// Groups first, the user last: afterwards the right to change them is gone, for good.
fn become_user(uid: Uid, file_group: Gid) -> nix::Result<()> {
    match User::from_uid(uid)?.and_then(|user| Some((CString::new(user.name).ok()?, user.gid))) {
        Some((name, gid)) => {
            initgroups(&name, gid)?;
            setresgid(gid, gid, gid)?;
        }
        None => {
            setgroups(&[file_group])?;
            setresgid(file_group, file_group, file_group)?;
        }
    }
    setresuid(uid, uid, uid)
}

/// Whether root types: files are opened before the identity of the database's owner is taken on.
#[must_use]
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Who types, for the audit: `cli:NAME`. Behind sudo it is the person who called it.
#[must_use]
pub fn actor() -> Actor {
    let uid = getuid();
    let caller = std::env::var("SUDO_USER").ok().filter(|name| uid.is_root() && !name.is_empty());
    let own = || User::from_uid(uid).ok().flatten().map(|user| user.name);
    Actor::Operator(caller.or_else(own).unwrap_or_else(|| uid.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_database_needs_no_change() {
        let dir = tempfile::tempdir().unwrap();
        let before = geteuid();
        take_on(&dir.path().join("a.db")).unwrap();
        assert_eq!(geteuid(), before);
    }

    #[test]
    fn a_link_that_leads_to_anothers_file_is_refused_by_name() {
        use std::os::unix::fs::{chown, symlink};
        if !geteuid().is_root() {
            // Only root can be led astray, and only root can lay the trap of this test.
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let (roots, state) = (dir.path().join("roots"), dir.path().join("state"));
        std::fs::create_dir(&state).unwrap();
        std::fs::write(&roots, "").unwrap();
        let link = state.join("a.db");
        symlink(&roots, &link).unwrap();
        assert_eq!(planted(&link), None, "all root's");
        chown(&state, Some(1234), Some(1234)).unwrap();
        assert_eq!(planted(&link), Some(link.clone()));
        let told = take_on(&link).unwrap_err();
        assert!(told.error.contains(&link.display().to_string()), "{}", told.error);
        chown(&roots, Some(1234), Some(1234)).unwrap();
        assert_eq!(planted(&link), None, "the directory's owner has both");
        chown(&roots, Some(4321), None).unwrap();
        assert_eq!(planted(&link), Some(link.clone()));
        // A directory on the way that is a link does the same.
        let within = state.join("more");
        symlink(dir.path(), &within).unwrap();
        chown(&roots, Some(0), None).unwrap();
        assert_eq!(planted(&within.join("roots")), Some(within.clone()));
        // What root linked itself stays as it is, as does a file without a link.
        chown(&state, Some(0), None).unwrap();
        assert_eq!((planted(&within.join("roots")), planted(&roots)), (None, None));
    }

    #[test]
    fn the_services_user_is_the_units_and_the_one_of_that_name_where_nobody_tells() {
        let named = |told: &str| named_by(told);
        assert_eq!(named("").as_deref(), Some("aftercare"));
        assert_eq!(named("LoadState=not-found\nUser=\n").as_deref(), Some("aftercare"));
        assert_eq!(named("LoadState=loaded\nUser=recalls\n").as_deref(), Some("recalls"));
        assert_eq!(named("LoadState=loaded\nUser=\n"), None, "it runs as root");
    }

    #[test]
    fn the_owner_of_a_database_to_come_is_its_directorys() {
        let dir = tempfile::tempdir().unwrap();
        let found = owner(&dir.path().join("a.db")).unwrap();
        assert_eq!(found.0, geteuid());
        assert_eq!(owner(Path::new("/nonexistent/deep/a.db")), None);
    }
}
