//! A restore is rehearsed: the newest copy takes the place of a database in a scratch directory, by the very steps of a real
//! restore, with the sent journal. What cannot be restored there cannot be restored at all.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use crate::daemon::backup::copy_retention::copies_in;
use crate::daemon::backup::restore::{KeyNow, RestoreFault, RestoreJob, RestoreScope, Restored, restore};
use crate::journey::operations::restore::rehearsal::RehearsalRecord;
use crate::ports::Clock;
use crate::store::db::health;
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::Stamp;
use crate::store::error::StoreError;

/// Which copy is rehearsed, and where.
pub struct RehearseJob<'j> {
    /// The directory of the copies; the scratch directory is made in it and removed.
    pub copies: &'j Path,
    /// The copy to restore; `None` for the newest.
    pub copy: Option<PathBuf>,
    /// The directory of the sent journal.
    pub journal: &'j Path,
    /// The clinic's day: a copy named for a later one is none.
    pub today: Date,
    /// Who does it, and when.
    pub stamp: Stamp,
    /// By which clock it is told how long it took.
    pub clock: &'j dyn Clock,
    /// How fast the copy is copied and proved.
    pub pace: Arc<dyn Pace>,
}

/// Why a copy could not take the database's place.
#[derive(Debug, thiserror::Error)]
enum RehearseFault {
    #[error("there is no copy in `{0}`")]
    NoCopy(PathBuf),
    #[error(transparent)]
    Restore(#[from] RestoreFault),
    #[error("no key that fits lies beside the copy")]
    NoKey,
    #[error("the sent journal does not tell what came after it: {0}")]
    Journal(String),
    #[error("the scratch directory `{0}` cannot be used: {1}")]
    Scratch(PathBuf, std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is in a copy.
#[derive(Default)]
struct CopyCounts {
    patients: u64,
    letters: u64,
    events_since: u64,
}

/// Restores the copy into a scratch directory and says what came of it. The database is neither read nor changed.
#[must_use]
pub fn rehearse(job: &RehearseJob<'_>) -> RehearsalRecord {
    let began = job.clock.monotonic();
    let copy =
        job.copy.clone().or_else(|| copies_in(job.copies, job.today).ok()?.pop_last().map(|(_, path)| path));
    let tried = match &copy {
        Some(copy) => tried(job, copy),
        None => Err(RehearseFault::NoCopy(job.copies.to_owned())),
    };
    let (counts, fault) = match tried {
        Ok(counts) => (counts, None),
        Err(fault) => (CopyCounts::default(), Some(fault.to_string())),
    };
    RehearsalRecord {
        at: job.stamp.at,
        copy: copy.map(|path| path.display().to_string()).unwrap_or_default(),
        fault,
        took_ms: u64::try_from(job.clock.monotonic().saturating_sub(began).as_millis()).unwrap_or(u64::MAX),
        patients: counts.patients,
        letters: counts.letters,
        events_since: counts.events_since,
    }
}

fn tried(job: &RehearseJob<'_>, copy: &Path) -> Result<CopyCounts, RehearseFault> {
    let scratch = job.copies.join(".rehearsal");
    let io = |error| RehearseFault::Scratch(scratch.clone(), error);
    // What an interrupted one left is worth nothing.
    clear(&scratch).map_err(io)?;
    // Of a copy that lies elsewhere it may be the first of all.
    DirBuilder::new().recursive(true).mode(0o700).create(&scratch).map_err(io)?;
    let done = restored(job, copy, &scratch.join("aftercare.db"));
    // It holds patients: it goes whatever was found.
    clear(&scratch).map_err(io)?;
    done
}

fn clear(scratch: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn restored(job: &RehearseJob<'_>, copy: &Path, database: &Path) -> Result<CopyCounts, RehearseFault> {
    let stamp = job.stamp.clone();
    let Restored { since, key, .. } = restore(&RestoreJob {
        source: copy,
        named: database,
        database,
        journal: job.journal,
        stamp,
        pace: Arc::clone(&job.pace),
        scope: RestoreScope::SameClinic,
    })?;
    if key == KeyNow::Missing {
        return Err(RehearseFault::NoKey);
    }
    let since =
        since.map_err(|why| RehearseFault::Journal(why.unwrap_or_else(|| "there is none".to_owned())))?;
    if let Some(torn) = since.torn {
        return Err(RehearseFault::Journal(torn));
    }
    let (patients, letters) = health::peek(database, |view| view.row_counts())?;
    let events_since = u64::try_from(since.events.len()).unwrap_or(u64::MAX);
    Ok(CopyCounts { patients, letters, events_since })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::daemon::files::key_file;
    use crate::store::audit_action::AuditAction;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::encryption::paths::key_path;
    use crate::store::db::online::pace::NoPace;
    use crate::store::db::transaction::Tx;
    use crate::store::subject::Singleton;

    struct Ground {
        dir: tempfile::TempDir,
        store: Store,
    }

    impl Ground {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
            store.keep_journal(&dir.path().join("journal"));
            key_file::open(&store, &SystemEntropy, jiff::Timestamp::UNIX_EPOCH).unwrap();
            Self { dir, store }
        }

        fn copy(&self, name: &str) -> PathBuf {
            let path = self.dir.path().join(name);
            self.store.read(|view| view.copy_to(&path, &NoPace)).unwrap();
            std::fs::copy(key_path(self.store.path()), key_path(&path)).unwrap();
            path
        }

        fn note(&self) {
            let job = |tx: &mut Tx<'_>| {
                tx.audit(AuditAction::KeyNoted, Singleton::Database, &serde_json::json!({}))
            };
            self.store.write_blocking(Stamp::daemon(jiff::Timestamp::UNIX_EPOCH), job).unwrap();
        }

        fn rehearse(&self) -> RehearsalRecord {
            rehearse(&RehearseJob {
                copies: self.dir.path(),
                copy: None,
                journal: &self.dir.path().join("journal"),
                today: date(2027, 3, 5),
                stamp: Stamp::daemon(jiff::Timestamp::UNIX_EPOCH),
                clock: &SystemClock,
                pace: Arc::new(NoPace),
            })
        }
    }

    #[test]
    fn the_newest_copy_is_restored_into_a_scratch_directory_that_does_not_stay() {
        let ground = Ground::new();
        ground.copy("aftercare-2027-03-01.db");
        ground.note();
        ground.copy("aftercare-2027-03-02.db");
        ground.note();
        let found = ground.rehearse();
        assert_eq!((found.fault.as_deref(), found.events_since), (None, 1));
        assert!(found.copy.ends_with("aftercare-2027-03-02.db"));
        assert!(!ground.dir.path().join(".rehearsal").exists());
        assert!(!ground.store.read(|view| view.is_held()).unwrap(), "the database is as it was");
    }

    #[test]
    fn what_would_fail_in_the_night_of_the_disaster_fails_now() {
        let ground = Ground::new();
        assert!(ground.rehearse().fault.unwrap().contains("no copy"));
        let copy = ground.copy("aftercare-2027-03-02.db");
        std::fs::remove_file(key_path(&copy)).unwrap();
        assert!(ground.rehearse().fault.unwrap().contains("no key"));
        std::fs::copy(key_path(ground.store.path()), key_path(&copy)).unwrap();
        std::fs::remove_dir_all(ground.dir.path().join("journal")).unwrap();
        assert!(ground.rehearse().fault.unwrap().contains("journal"));
        let mut bytes = std::fs::read(&copy).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xA5);
        std::fs::write(&copy, bytes).unwrap();
        assert!(ground.rehearse().fault.unwrap().contains("not sound"));
    }
}
