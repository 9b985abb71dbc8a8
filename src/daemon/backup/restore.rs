//! A copy takes the database's place, in steps: everything that must be in it (hold, fences, what is carried over) is written
//! before one rename puts it there. Whatever interrupts, there is either the old database or the held new one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::daemon::backup::online;
use crate::daemon::files::key_file::{self, KeyFault};
use crate::daemon::files::paths::{self, beside, key_path, sync_directory};
use crate::journey::authenticator_seal;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::LinkKey;
use crate::journey::operations::restore::restored::{Restoration, restored};
use crate::journey::operations::restore_report::{self, Before, ReportLine};
use crate::store::audit;
use crate::store::database::{OpenMode, Store};
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::Stamp;
use crate::store::db::{copy, health};
use crate::store::error::StoreError;
use crate::store::restore_diff::RestoreDiff;

/// What is done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreStep {
    /// The copy lies beside the database.
    Copied,
    /// The copy has been proved sound.
    Proved,
    /// It is up to date, held, and knows what was carried over.
    Written,
    /// It is one file, on the disk.
    Closed,
    /// The old database is one file.
    Folded,
    /// The key of the copy waits beside the database.
    KeyStaged,
    /// The old database and its key have their new names too.
    KeptAside,
    /// The copy has taken the database's place.
    Replaced,
    /// Its key, if it brought one, lies beside the database.
    KeyReplaced,
}

/// Why a copy did not take the database's place.
#[derive(Debug, thiserror::Error)]
pub enum RestoreFault {
    /// The copy is not sound.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
    /// This program cannot use it.
    #[error("the copy cannot be used: {0}")]
    Unusable(StoreError),
    /// The key beside the copy is not the copy's.
    #[error("the key beside the copy is not the one the copy was used with")]
    AnothersKey,
    /// The key beside the copy cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step of the journey failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The system refused something at this place.
    #[error("`{0}` cannot be written: {1}")]
    Io(PathBuf, std::io::Error),
    /// A test pulls the plug here.
    #[cfg(test)]
    #[error("stopped")]
    Stopped,
}

/// What is to be done.
pub struct RestoreJob<'j> {
    /// The copy that `backup` made, with its key, if any, beside it; neither is changed.
    pub source: &'j Path,
    /// The database as the configuration names it; its key lies beside this name.
    pub named: &'j Path,
    /// The file behind that name; it is replaced.
    pub database: &'j Path,
    /// The directory of the sent journal, which tells what happened since where the database cannot.
    pub journal: &'j Path,
    /// Who does it, and when.
    pub stamp: Stamp,
    /// How fast a whole database is copied and proved.
    pub pace: Arc<dyn Pace>,
}

/// What lies beside the database now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNow {
    /// The key that came with the copy.
    OfCopy,
    /// The one that was there; it fits.
    Kept,
    /// None that fits: nothing works until the right one is there, or a new one is made.
    Missing,
}

/// What a restore has done.
pub struct Restored {
    /// Where the old database is; `None` where there was none.
    pub before: Option<PathBuf>,
    /// Where every event stands that the copy does not have, if there is any.
    pub list: Option<PathBuf>,
    /// What a person must do again, or know.
    pub lines: Vec<ReportLine>,
    /// What the old audit said; or why it said nothing.
    pub since: Result<RestoreDiff, Option<String>>,
    /// Which key lies beside it.
    pub key: KeyNow,
}

/// Puts a copy in the database's place. The caller holds the lock.
///
/// # Errors
/// [`RestoreFault`]; then the old database is in its place, unless the fault says that a key could not be written.
pub fn restore(job: &RestoreJob<'_>) -> Result<Restored, RestoreFault> {
    let done = steps(job, &|_| Ok(()));
    done.inspect_err(|_| copy::discard(&staged(job.database)))
}

fn staged(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

/// Where the old database goes, and the list of what the copy does not have: no earlier restore of the same second has one there.
fn names(job: &RestoreJob<'_>) -> (PathBuf, PathBuf) {
    let at = job.stamp.at.strftime("%Y%m%dT%H%M%SZ");
    let named = |number: u32| match number {
        1 => beside(job.database, &format!(".before-{at}")),
        _ => beside(job.database, &format!(".before-{at}-{number}")),
    };
    let mut number = 1;
    while beside(&named(number), ".lost.txt").exists() {
        number += 1;
    }
    (named(number), beside(&named(number), ".lost.txt"))
}

type StepObserver<'w> = &'w dyn Fn(RestoreStep) -> Result<(), RestoreFault>;

fn steps(job: &RestoreJob<'_>, after: StepObserver<'_>) -> Result<Restored, RestoreFault> {
    let stage = staged(job.database);
    let (aside, list) = names(job);
    // What an interrupted restore left is worth nothing.
    copy::discard(&stage);
    forget_second_names(job.database);
    copy::take(job.source, &stage, &*job.pace).map_err(|fault| match fault.is_of_encryption() {
        true => RestoreFault::Unusable(fault),
        false => RestoreFault::Unsound(fault.to_string()),
    })?;
    // Only now: where the copy is encrypted with another key, so is the file beside it, and the copy is the one to tell of.
    let own = key_file::read(&key_path(job.source))?;
    after(RestoreStep::Copied)?;
    prove(&stage, &job.pace)?;
    after(RestoreStep::Proved)?;
    let (key, bytes, lines, since) = write(job, &stage, &list, own)?;
    after(RestoreStep::Written)?;
    copy::fold(&stage)?;
    synced(&stage)?;
    after(RestoreStep::Closed)?;
    let was_there = job.database.exists();
    if was_there {
        set_log_aside(job.database, &aside)?;
    }
    after(RestoreStep::Folded)?;
    if let Some(bytes) = bytes {
        key_file::stage(job.named, &bytes)?;
    }
    after(RestoreStep::KeyStaged)?;
    if was_there {
        keep_aside(job, &aside)?;
    }
    after(RestoreStep::KeptAside)?;
    moved(&stage, job.database)?;
    after(RestoreStep::Replaced)?;
    if bytes.is_some() {
        key_file::put_in_place(job.named)?;
    }
    after(RestoreStep::KeyReplaced)?;
    let list = list.exists().then_some(list);
    Ok(Restored { before: was_there.then_some(aside), list, lines, since, key })
}

/// A copy that is damaged or altered never takes the database's place.
fn prove(stage: &Path, pace: &Arc<dyn Pace>) -> Result<(), RestoreFault> {
    let health = health::look_at(pace, stage).map_err(|fault| match fault.is_configuration() {
        // It may be sound; this program is too old for it.
        true => RestoreFault::Unusable(fault),
        false => RestoreFault::Unsound(fault.to_string()),
    })?;
    if let Some(complaint) = health.as_ref().and_then(health::Health::complaint) {
        return Err(RestoreFault::Unsound(complaint));
    }
    if health.is_some_and(|h| h.schema == 0) {
        return Err(RestoreFault::Unsound("it is no aftercare database".to_owned()));
    }
    health::peek_at(pace, stage, audit::verify).map_err(|fault| RestoreFault::Unsound(fault.to_string()))?;
    Ok(())
}

type StagedFile = (KeyNow, Option<[u8; 32]>, Vec<ReportLine>, Result<RestoreDiff, Option<String>>);

/// Everything that must be in the copy before it is the database.
fn write(
    job: &RestoreJob<'_>,
    stage: &Path,
    list: &Path,
    own: Option<[u8; 32]>,
) -> Result<StagedFile, RestoreFault> {
    let store = Store::open(stage, OpenMode::Existing)?;
    let present = key_file::read(&key_path(job.named)).ok().flatten();
    let (key, bytes) = choose(&store, own, present)?;
    let mut since = since(job, &store);
    // What is carried over was sealed with the key that was there, and is opened with the one of the copy.
    if let (Ok(since), Some(old), Some(new)) =
        (&mut since, present.map(LinkKey::new), bytes.map(LinkKey::new))
    {
        since.reseal(|name, kept| {
            authenticator_seal::unseal(&old, name, kept).map(|it| authenticator_seal::seal(&new, name, &it))
        });
    }
    let before = match &since {
        Ok(since) => Before::Read(since.clone()),
        Err(None) => Before::Nothing,
        Err(Some(why)) => Before::Unreadable(why.clone()),
    };
    let in_force = own.filter(|_| key == KeyNow::OfCopy).or(bytes).map(LinkKey::new);
    let lines = restored(
        &store,
        job.stamp.clone(),
        Restoration { before, key: in_force, list: list.display().to_string() },
    )?;
    if let Ok(since) = since.as_ref()
        && !since.events.is_empty()
    {
        let text = restore_report::list(&lines, since);
        online::keep(list, text.as_bytes()).map_err(|error| RestoreFault::Io(list.to_owned(), error))?;
    }
    Ok((key, bytes, lines, since))
}

/// What happened since the copy: as the database tells it that is there, or, where that is gone, damaged or another one, as the
/// sent journal does.
fn since(job: &RestoreJob<'_>, store: &Store) -> Result<RestoreDiff, Option<String>> {
    let before = match job.database.exists() {
        true => store
            .read(|view| RestoreDiff::between(view, job.database))
            .map_err(|fault| Some(fault.to_string())),
        false => Err(None),
    };
    if before.as_ref().is_ok_and(|since| since.torn.is_none()) {
        return before;
    }
    match store.read(|view| RestoreDiff::from_journal(view, job.journal)) {
        Ok(Some(told)) if before.as_ref().map_or(0, |since| since.events.len()) <= told.events.len() => {
            Ok(told)
        }
        Ok(_) => before,
        Err(fault) => {
            before.map_err(|why| Some(why.map_or(fault.to_string(), |why| format!("{why}; {fault}"))))
        }
    }
}

/// The key that must lie beside the copy, and its bytes where it is not there yet.
fn choose(
    store: &Store,
    own: Option<[u8; 32]>,
    present: Option<[u8; 32]>,
) -> Result<(KeyNow, Option<[u8; 32]>), RestoreFault> {
    let fits = |key: [u8; 32]| store.read(|view| key_file::fits(view, key));
    match (own, present) {
        (Some(own), _) if !fits(own)? => Err(RestoreFault::AnothersKey),
        (Some(own), Some(present)) if own == present => Ok((KeyNow::OfCopy, None)),
        (Some(own), _) => Ok((KeyNow::OfCopy, Some(own))),
        (None, Some(present)) if fits(present)? => Ok((KeyNow::Kept, None)),
        (None, _) => Ok((KeyNow::Missing, None)),
    }
}

fn synced(path: &Path) -> Result<(), RestoreFault> {
    let sync = || std::fs::File::open(path)?.sync_all();
    sync().and_then(|()| sync_directory(path)).map_err(|error| RestoreFault::Io(path.to_owned(), error))
}

fn moved(from: &Path, to: &Path) -> Result<(), RestoreFault> {
    std::fs::rename(from, to)
        .and_then(|()| sync_directory(to))
        .map_err(|error| RestoreFault::Io(to.to_owned(), error))
}

/// SQLite would read the old log together with the new file. A sound one is folded into the old file; that of a file which is
/// no database any more goes aside as it is.
fn set_log_aside(database: &Path, aside: &Path) -> Result<(), RestoreFault> {
    match copy::fold(database) {
        Err(fault) if fault.is_busy() => Err(fault.into()),
        Ok(()) => Ok(()),
        Err(_) => {
            for suffix in ["-wal", "-shm"] {
                let log = beside(database, suffix);
                if log.exists() {
                    moved(&log, &beside(aside, suffix))?;
                }
            }
            Ok(())
        }
    }
}

/// The old database gets a second name; the first is taken from it by the rename. Where a file has but one name, it is copied.
fn keep_aside(job: &RestoreJob<'_>, aside: &Path) -> Result<(), RestoreFault> {
    let second = |from: &Path, to: &Path| -> std::io::Result<()> {
        match std::fs::hard_link(from, to) {
            Ok(()) => Ok(()),
            Err(_) => std::fs::copy(from, to).and_then(|_| std::fs::File::open(to)?.sync_all()),
        }
    };
    let key = key_path(job.named);
    if key.exists() {
        // Another file system may hold the link to the database.
        let to = key_path(aside);
        second(&key, &to).map_err(|error| RestoreFault::Io(to, error))?;
    }
    second(job.database, aside)
        .and_then(|()| sync_directory(aside))
        .map_err(|error| RestoreFault::Io(aside.to_owned(), error))
}

/// A restore that was interrupted right before its rename left the database with two names; changes would go into both.
fn forget_second_names(database: &Path) {
    use std::os::unix::fs::MetadataExt;
    let (Ok(file), Some(name)) = (std::fs::metadata(database), database.file_name()) else { return };
    let prefix = format!("{}.before-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(paths::directory(database)) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_second = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix))
            && std::fs::metadata(&path)
                .is_ok_and(|other| (other.dev(), other.ino()) == (file.dev(), file.ino()));
        if is_second {
            drop(std::fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests;
