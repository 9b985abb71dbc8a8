//! A copy takes the database's place, in steps: everything that must be in it (hold, fences, what is carried over) is written
//! before one rename puts it there. Whatever interrupts, there is either the old database or the held new one.

mod kept_aside;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::kept_aside::{AsideFault, forget_second_names, keep_aside, moved, names, set_log_aside};
use crate::daemon::backup::online;
use crate::daemon::files::key_file::{self, KeyFault};
use crate::journey::authenticator_seal;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::LinkKey;
use crate::journey::operations::restore::restored::{Restoration, restored};
use crate::journey::operations::restore_report::{self, Before, ReportLine};
use crate::store::audit;
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::paths::{self, beside, key_path, sync_directory};
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::{Stamp, View};
use crate::store::db::{copy, health};
use crate::store::error::StoreError;
use crate::store::journal::same_event::is_of_another_clinic;
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
    /// Another clinic's patients are in its place.
    #[error(
        "the database at `{0}` has patients and is another clinic's: its audit and the copy's share no event"
    )]
    OtherClinic(PathBuf),
    /// There is no room for it.
    #[error("there is no room for the copy in `{0}`: {1}")]
    Full(PathBuf, String),
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

impl From<AsideFault> for RestoreFault {
    fn from(fault: AsideFault) -> Self {
        match fault {
            AsideFault::Store(fault) => Self::Store(fault),
            AsideFault::Io(place, error) => Self::Io(place, error),
        }
    }
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
    /// Whose database may be replaced.
    pub scope: RestoreScope,
}

/// Whose database a copy may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreScope {
    /// The one that it is a copy of, or one without patients.
    SameClinic,
    /// Any: a person has said so.
    AnyClinic,
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
    attempt(job, &|_| Ok(()))
}

/// Lets go of what a restore left that was cut off: a database in use would go on under two names, and look like a copy.
pub fn clear_traces(database: &Path) {
    copy::discard(&staged(database));
    forget_second_names(database);
}

fn attempt(job: &RestoreJob<'_>, after: StepObserver<'_>) -> Result<Restored, RestoreFault> {
    steps(job, after).inspect_err(|_| clear_traces(job.database))
}

fn staged(database: &Path) -> PathBuf {
    beside(database, ".restoring")
}

type StepObserver<'w> = &'w dyn Fn(RestoreStep) -> Result<(), RestoreFault>;

fn steps(job: &RestoreJob<'_>, after: StepObserver<'_>) -> Result<Restored, RestoreFault> {
    let stage = staged(job.database);
    let (aside, list) = names(job.database, job.stamp.at);
    clear_traces(job.database);
    copy::take(job.source, &stage, &*job.pace).map_err(|fault| match fault.is_of_encryption() {
        true => RestoreFault::Unusable(fault),
        false => unsound(&fault, &stage),
    })?;
    // Only now: where the copy is encrypted with another key, so is the file beside it, and the copy is the one to tell of.
    let own = key_file::read(&key_path(job.source))?;
    after(RestoreStep::Copied)?;
    prove(&stage, &job.pace)?;
    after(RestoreStep::Proved)?;
    is_same_clinic(job, &stage)?;
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
        keep_aside(job.named, job.database, &aside)?;
    }
    after(RestoreStep::KeptAside)?;
    moved(&stage, job.database)?;
    after(RestoreStep::Replaced)?;
    match (bytes, held()) {
        (Some(_), _) => key_file::put_in_place(job.named)?,
        // It may have been beside a plain database until now.
        (None, Some(keys)) => key_file::reseal(job.named, Some(keys))?,
        (None, None) => {}
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
        false => unsound(&fault, stage),
    })?;
    if let Some(complaint) = health.as_ref().and_then(health::Health::complaint) {
        return Err(RestoreFault::Unsound(complaint));
    }
    if health.is_some_and(|h| h.schema == 0) {
        return Err(RestoreFault::Unsound("it is no aftercare database".to_owned()));
    }
    health::peek_at(pace, stage, audit::verify).map_err(|fault| unsound(&fault, stage))?;
    Ok(())
}

/// A slip in a path must not put one clinic's patients in another's place. What cannot be read is nobody's.
fn is_same_clinic(job: &RestoreJob<'_>, stage: &Path) -> Result<(), RestoreFault> {
    if job.scope == RestoreScope::AnyClinic || !job.database.exists() {
        return Ok(());
    }
    let is_other = health::peek(stage, |copy| is_of_another_clinic(copy, job.database));
    match is_other {
        Ok(true) => Err(RestoreFault::OtherClinic(job.named.to_owned())),
        Ok(false) | Err(_) => Ok(()),
    }
}

/// A disk without room says nothing of the copy.
fn unsound(fault: &StoreError, stage: &Path) -> RestoreFault {
    match fault.is_full() {
        true => RestoreFault::Full(paths::directory(stage).to_owned(), fault.to_string()),
        false => RestoreFault::Unsound(fault.to_string()),
    }
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
    let journal = store.read(|view| RestoreDiff::from_journal(view, job.journal));
    let between = |view: &View<'_>| RestoreDiff::between(view, job.database, journal.clone().ok().flatten());
    let before = match job.database.exists() {
        true => store.read(between).map_err(|fault| Some(fault.to_string())),
        false => Err(None),
    };
    if before.as_ref().is_ok_and(|since| since.torn.is_none()) {
        return before;
    }
    match journal {
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

#[cfg(test)]
mod tests;
