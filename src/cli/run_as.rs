//! Run as root, a command first becomes the owner of the database, so that no file ends up with the wrong owner.

use std::ffi::CString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User, geteuid, getuid, initgroups, setgroups, setresgid, setresuid};

use super::exit::Failure;
use crate::care::actor::Actor;

/// Takes on the identity of whoever owns the database, or the directory it will stand in. Not root, or root's own
/// database: nothing to do. Call it while the program still has a single thread.
///
/// # Errors
/// The system refused the change; then nothing may be written.
pub fn take_on(database: &Path) -> Result<(), Failure> {
    let Some((uid, gid)) = owner(database).filter(|(uid, _)| geteuid().is_root() && !uid.is_root()) else {
        return Ok(());
    };
    become_user(uid, gid).map_err(|error| {
        Failure::failed(format!("cannot become the owner of `{}`: {error}", database.display()))
            .hint("run the command as that user: `sudo -u aftercare aftercare …`")
    })
}

fn owner(database: &Path) -> Option<(Uid, Gid)> {
    let place = std::fs::metadata(database).or_else(|_| {
        std::fs::metadata(database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    });
    place.ok().map(|m| (Uid::from_raw(m.uid()), Gid::from_raw(m.gid())))
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
    fn the_owner_of_a_database_to_come_is_its_directorys() {
        let dir = tempfile::tempdir().unwrap();
        let found = owner(&dir.path().join("a.db")).unwrap();
        assert_eq!(found.0, geteuid());
        assert_eq!(owner(Path::new("/nonexistent/deep/a.db")), None);
    }
}
