//! One moment of a database is copied, a few pages at a time, while others go on writing.
//!
//! A transaction that only reads is held from the first page to the last: SQLite would begin anew whenever somebody has written
//! between two steps, and beside a busy writer never end. What is written meanwhile stays in the log until the copy is done.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::store::database;
use crate::store::db::connect;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::paths::beside;
use crate::store::db::encryption::{open, rewrite};
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Pages between two looks at the pace: a quarter of a megabyte, a fraction of a millisecond.
const PAGES: i32 = 64;
/// So many steps are brought to disk together, four megabytes. What the system has not written yet, it may write at the next
/// commit of whoever works beside, who then waits for a whole database.
const STEPS_PER_SYNC: u32 = 16;

/// The log keeps what is written meanwhile. Once it has grown so far the copy rests no more, and soon lets it be folded.
const LOG_MAY_GROW: u64 = 256 << 20;

/// A log that has grown so far is folded by whoever copied.
const LOG_TO_FOLD: u64 = 32 << 20;

/// Copies a database that is only read, so that its file stays as it is, daemon or none.
///
/// # Errors
/// As [`View::copy_to`], and when there is no database at `from`.
pub fn copy(from: &Path, to: &Path, pace: &dyn Pace) -> Result<(), StoreError> {
    database::there(from)?;
    let original = connect::reader(from)?;
    let log = Log::of(&original, LOG_TO_FOLD);
    let copied = View::of(&original).copy_to(to, pace);
    if log.is_long() {
        // Else the next commit would fold it, and whoever waits for that one would wait for all of it. It can wait for a later one.
        drop(connect::fold_meanwhile(from));
    }
    copied
}

impl View<'_> {
    /// Copies the whole database, as it is at this moment, into a new file of its owner's alone, and brings it to disk.
    ///
    /// # Errors
    /// [`StoreError`] when the file is there already or cannot be written, `is_stopped` when the pace ended it; then no half
    /// copy is left.
    pub fn copy_to(&self, path: &Path, pace: &dyn Pace) -> Result<(), StoreError> {
        let io = |e: std::io::Error| StoreError::io(path, &e);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let copied = || -> Result<(), StoreError> {
            // Pages of a plain database have no room for what proves them, so they cannot be copied as they are.
            if let Some(from) = self.sql.path()
                && open::is_keyed(self.sql) != held().is_some()
            {
                return rewrite::copy_into(Path::new(from), path);
            }
            let log = Log::of(self.sql, LOG_MAY_GROW);
            pages(self.sql, path, &Portions { file: &made, path, pace, log })?;
            made.sync_all().map_err(io)
        };
        copied().inspect_err(|_| drop(std::fs::remove_file(path)))
    }
}

/// The log of the database that is copied.
struct Log {
    path: PathBuf,
    /// From this length on the copy makes haste.
    enough: u64,
}

impl Log {
    fn of(sql: &Connection, may_grow: u64) -> Self {
        let path = beside(Path::new(sql.path().unwrap_or_default()), "-wal");
        let length = path.metadata().map_or(0, |file| file.len());
        Self { path, enough: length.saturating_add(may_grow) }
    }

    fn is_long(&self) -> bool {
        self.path.metadata().is_ok_and(|file| file.len() > self.enough)
    }
}

/// The new file is brought to disk in portions, at a pace.
struct Portions<'p> {
    file: &'p File,
    path: &'p Path,
    pace: &'p dyn Pace,
    log: Log,
}

impl Portions<'_> {
    fn after(&self, step: u32) -> Result<(), StoreError> {
        if step.is_multiple_of(STEPS_PER_SYNC) {
            self.file.sync_data().map_err(|error| StoreError::io(self.path, &error))?;
        }
        if self.pace.is_stopped() {
            return Err(StoreError::stopped());
        }
        if !self.log.is_long() {
            self.pace.rest();
        }
        Ok(())
    }
}

fn pages(from: &Connection, path: &Path, portions: &Portions<'_>) -> Result<(), StoreError> {
    let moment = from.unchecked_transaction()?;
    // Only the first look at it takes hold of the moment.
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut to = open::open(path)?;
    // It is worth nothing before it is whole, and brought to disk here.
    to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    let backup = Backup::new(&moment, &mut to)?;
    for step in 1.. {
        match backup.step(PAGES)? {
            StepResult::Done => break,
            StepResult::More => portions.after(step)?,
            // Locked by somebody else: what was written so far is no copy.
            _ => return Err(StoreError::held()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, stamp};
    use crate::store::db::health;
    use crate::store::db::online::pace::NoPace;

    /// A pace at which somebody writes in each rest, and which ends the work at the rest of that number.
    struct Beside {
        store: Store,
        rests: AtomicU32,
        ends_at: u32,
    }

    impl Beside {
        fn new(store: &Store, ends_at: u32) -> Arc<Self> {
            Arc::new(Self { store: store.clone(), rests: AtomicU32::new(0), ends_at })
        }

        fn rests(&self) -> u32 {
            self.rests.load(Ordering::Relaxed)
        }
    }

    impl Pace for Beside {
        fn is_stopped(&self) -> bool {
            self.rests() >= self.ends_at
        }

        fn rest(&self) {
            let rest = self.rests.fetch_add(1, Ordering::Relaxed);
            // Each change is larger than a step, and touches pages that are copied already and pages that are not.
            fill(&self.store, "beside", rest);
        }
    }

    /// Some two hundred pages, under so many names.
    fn fill(store: &Store, name: &str, number: u32) {
        let (name, value) = (name.to_owned(), format!("{number} ").repeat(4000));
        let job = move |tx: &mut crate::store::db::transaction::Tx<'_>| {
            (0..100).try_for_each(|row| tx.set_fact(&format!("{name}-{row}"), &value))
        };
        store.write_blocking::<_, StoreError>(stamp(), job).unwrap();
    }

    #[test]
    fn a_copy_beside_somebody_who_never_stops_writing_ends_and_is_one_moment() {
        let (dir, store) = fresh();
        fill(&store, "before", 7);
        fill(&store, "beside", 0);
        let (to, pace) = (dir.path().join("copy.db"), Beside::new(&store, u32::MAX));
        copy(store.path(), &to, &*pace).unwrap();
        assert!(pace.rests() > 3, "{}", pace.rests());
        let sound = health::look(&to).unwrap().unwrap();
        assert!(sound.complaints.is_empty(), "{sound:?}");
        for row in 0..100 {
            let [before, beside] = ["before", "beside"]
                .map(|name| health::peek(&to, |view| view.fact(&format!("{name}-{row}"))).unwrap().unwrap());
            assert_eq!((&before[..2], &beside[..2]), ("7 ", "0 "), "{row}");
        }
    }

    #[test]
    fn a_copy_rests_no_more_once_the_log_has_grown_long() {
        let (dir, store) = fresh();
        fill(&store, "before", 7);
        let (to, pace) = (dir.path().join("copy.db"), Beside::new(&store, u32::MAX));
        let original = connect::reader(store.path()).unwrap();
        let file = File::create_new(&to).unwrap();
        let log = Log::of(&original, 0);
        pages(&original, &to, &Portions { file: &file, path: &to, pace: &*pace, log }).unwrap();
        assert_eq!(pace.rests(), 1, "what was written in the first one was too much");
        assert!(health::look(&to).unwrap().unwrap().complaints.is_empty());
    }

    #[test]
    fn a_copy_that_is_stopped_leaves_nothing() {
        let (dir, store) = fresh();
        fill(&store, "before", 7);
        let names = || std::fs::read_dir(dir.path()).unwrap().count();
        let (to, before) = (dir.path().join("copy.db"), names());
        for ends_at in [0, 1, 3] {
            let pace = Beside::new(&store, ends_at);
            assert!(copy(store.path(), &to, &*pace).unwrap_err().is_stopped(), "{ends_at}");
            assert_eq!((pace.rests(), names()), (ends_at, before), "{ends_at}");
        }
        copy(store.path(), &to, &NoPace).unwrap();
        let pace = Beside::new(&store, 1);
        assert!(health::look_at(&(pace as _), &to).unwrap_err().is_stopped(), "its proof too");
    }

    #[test]
    fn a_database_that_is_locked_gives_no_copy() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copy) = (dir.path().join("a.db"), dir.path().join("copy.db"));
        let owner = Connection::open(&path).unwrap();
        owner.execute_batch("CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)").unwrap();
        let asker = Connection::open(&path).unwrap();
        asker.busy_timeout(std::time::Duration::ZERO).unwrap();
        assert!(View::of(&asker).copy_to(&copy, &NoPace).unwrap_err().is_busy());
        assert!(!copy.exists());
    }
}
