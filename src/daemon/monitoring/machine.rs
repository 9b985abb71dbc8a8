//! What the machine says: the sizes of the database's files, the newest nightly copy, how much room there is for bytes and files.

use std::path::Path;

use nix::sys::statfs::{CGROUP2_SUPER_MAGIC, PROC_SUPER_MAGIC, SYSFS_MAGIC, statfs};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use crate::config::Config;
use crate::daemon::backup::nightly::{self, NightlyCopy};
use crate::daemon::files::look_deadline::{PATIENCE, PlaceFault, PlaceLook, look_within};
use crate::daemon::lock::whole;

/// What the machine says of the database and its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineReadings {
    /// The size of the database file, in bytes.
    pub database_bytes: u64,
    /// The size of its write-ahead log, in bytes; 0 where there is none.
    pub wal_bytes: u64,
    /// What may still be written where the database lies.
    pub database_room: DiskReadings,
    /// What may still be written where the copies go.
    pub backup_room: DiskReadings,
    /// Why no copy could be written there, as far as can be told without trying.
    pub backup_fault: Option<PlaceFault>,
    /// The newest nightly copy; `None` while there is none, none can be seen, or its place does not answer.
    pub newest_copy: Option<NightlyCopy>,
}

/// What may still be written somewhere, by whoever is not root.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskReadings {
    /// In bytes; `None` where the system does not say.
    pub bytes: Option<u64>,
    /// In files, of whatever size; `None` where the system does not count them.
    pub files: Option<u64>,
}

/// What is said of the directory of copies.
pub struct CopyReadings {
    room: DiskReadings,
    fault: Option<PlaceFault>,
    newest: Option<NightlyCopy>,
}

/// Looks at the files of the database and its copies; none of them is opened. The copies may lie on another machine's disk that
/// does not answer.
#[must_use]
pub fn look(config: &Config, copies: &PlaceLook<CopyReadings>) -> MachineReadings {
    let database = whole(&config.database.path);
    let mut log = database.clone().into_os_string();
    log.push("-wal");
    let directory = config.backup.directory.clone();
    let found = copies.look(PATIENCE, move || CopyReadings {
        room: room(&directory),
        fault: seen_unwritable(&directory).map(PlaceFault::Unfit),
        newest: nightly::newest(&directory),
    });
    let CopyReadings { room: backup_room, fault: backup_fault, newest: newest_copy } =
        found.unwrap_or_else(|| CopyReadings {
            room: DiskReadings::default(),
            fault: Some(PlaceFault::Silent(config.backup.directory.clone())),
            newest: None,
        });
    MachineReadings {
        database_bytes: size(&database),
        wal_bytes: size(Path::new(&log)),
        database_room: database.parent().map(room).unwrap_or_default(),
        backup_room,
        backup_fault,
        newest_copy,
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

/// Room for whoever is not root, as the daemon is not. A directory that is not made yet will lie where its parent does.
fn room(directory: &Path) -> DiskReadings {
    let found = directory.ancestors().find(|place| place.is_dir());
    let Some(disk) = found.and_then(|place| statvfs(place).ok()) else { return DiskReadings::default() };
    // What has no blocks at all, as /proc, says nothing of room; a disk that makes its inodes as it needs them counts none.
    let bytes = disk.blocks_available().saturating_mul(disk.fragment_size());
    DiskReadings {
        bytes: (disk.blocks() > 0).then_some(bytes),
        files: (disk.files() > 0).then(|| disk.files_available()),
    }
}

/// What speaks against writing into a directory, which is made where it is missing; `None` as far as can be told without trying.
#[must_use]
pub fn unwritable(directory: &Path) -> Option<PlaceFault> {
    let place = directory.to_owned();
    match look_within(PATIENCE, move || seen_unwritable(&place)) {
        Some(found) => found.map(PlaceFault::Unfit),
        None => Some(PlaceFault::Silent(directory.to_owned())),
    }
}

fn seen_unwritable(directory: &Path) -> Option<String> {
    let there = directory.ancestors().find(|place| place.exists())?;
    let shown = there.display();
    if !there.is_dir() {
        return Some(format!("`{shown}` is not a directory"));
    }
    if let Err(why) = access(there, AccessFlags::W_OK | AccessFlags::X_OK) {
        return Some(format!("`{shown}` is not writable: {}", std::io::Error::from(why)));
    }
    let of_kernel = [PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP2_SUPER_MAGIC];
    let is_of_kernel = statfs(there).is_ok_and(|disk| of_kernel.contains(&disk.filesystem_type()));
    is_of_kernel.then(|| {
        format!("`{}` cannot be made: only the kernel makes files in `{shown}`", directory.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_where_only_the_kernel_makes_files_has_no_room_and_takes_none() {
        let place = Path::new("/proc/x/backups");
        assert_eq!(room(place), DiskReadings::default());
        let why = unwritable(place).unwrap().to_string();
        // Root may do everything there, and yet make nothing.
        assert!(why.contains("`/proc`"), "{why}");
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(unwritable(&dir.path().join("backups/later")), None);
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(
            unwritable(&dir.path().join("file/backups")).unwrap().to_string().contains("is not a directory")
        );
    }

    #[test]
    fn a_directory_that_is_not_made_yet_has_the_room_of_its_parent() {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (room(dir.path()), room(&dir.path().join("backups/later")));
        assert!(here.bytes.is_some_and(|bytes| bytes > 0) && there.bytes.is_some());
        assert_eq!(here.files.is_some(), there.files.is_some());
        assert_eq!(size(&dir.path().join("none")), 0);
    }
}
