//! The open database: one writer, a few readers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Notify, oneshot};
use tokio::task::block_in_place;

use crate::care::time::office_hours::OfficeHours;
use crate::store::db::connect::{self, prepare, reader, restrict};
use crate::store::db::encryption::open;
use crate::store::db::migrate;
use crate::store::db::online::file_identity::FileIdentity;
use crate::store::db::online::log_limit;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::db::unread::Unread;
use crate::store::db::writer::{Writer, WriterState};
use crate::store::error::StoreError;
use crate::store::journal::commit_ack::{AckStage, CommitNumber, ResultAck};
use crate::store::journal::sent_journal::JournalAck;
use crate::store::journal::status::JournalStatus;
use crate::store::monitoring::writer_load::{MonotonicClock, WriterReadings};

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Create it if it is not there, and bring its schema up to date.
    Create,
    /// It must be there; bring its schema up to date.
    Existing,
    /// It must be there and have this program's schema: for whoever only reads.
    AsItIs,
}

/// Handle to one database file; cheap to clone.
#[derive(Clone)]
pub struct Store {
    path: PathBuf,
    // Readers close first: only a connection that may write can fold the WAL back into the file.
    readers: Arc<[Mutex<Connection>]>,
    writer: Arc<Writer>,
    turn: Arc<AtomicUsize>,
    shared: WriterState,
    files: Arc<FileIdentity>,
}

impl Store {
    /// Opens a database, migrates it and starts its writer.
    ///
    /// # Errors
    /// [`StoreError`] when the file is missing, not a database, newer than this program, read-only or unreachable.
    pub fn open(path: &Path, how: OpenMode) -> Result<Self, StoreError> {
        let existed = path.exists();
        if how != OpenMode::Create || existed {
            there(path)?;
        }
        let mut connection = open::open(path)?;
        if !existed {
            restrict(path)?;
        }
        // SQLite falls back to reading where it may not write, and would tell only at the first change.
        if connection.is_readonly("main")? {
            return Err(StoreError::read_only(path));
        }
        prepare(&connection)?;
        log_limit::begin(&mut connection)?;
        match how {
            OpenMode::Create | OpenMode::Existing => migrate::up(&mut connection)?,
            OpenMode::AsItIs => migrate::is_known(&connection)?,
        }
        Self::with(path, connection)
    }

    /// Opens a database of this program's schema for whoever only reads, where it cannot be written, e.g. on a disk that is mounted
    /// read-only; its log is read with it. Every change is refused, and nothing beside it is made or changed.
    ///
    /// # Errors
    /// [`StoreError`] when the file is missing, not a database, of another schema or unreachable.
    pub fn open_to_look(path: &Path) -> Result<Self, StoreError> {
        there(path)?;
        let connection = reader(path)?;
        migrate::is_known(&connection)?;
        Self::with(path, connection)
    }

    /// The writer on that connection, and a few readers beside it.
    fn with(path: &Path, connection: Connection) -> Result<Self, StoreError> {
        let readers = (0..READERS).map(|_| reader(path).map(Mutex::new)).collect::<Result<Vec<_>, _>>()?;
        let shared = WriterState::default();
        Ok(Self {
            path: path.to_owned(),
            writer: Arc::new(Writer::start(connection, shared.clone())),
            shared,
            files: Arc::new(FileIdentity::of(path)),
            readers: readers.into(),
            turn: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// Folds the write-ahead log into the file and empties it, so that what was overwritten there lies nowhere any more.
    ///
    /// # Errors
    /// [`StoreError`]; `is_busy` when somebody reads for longer than it waits.
    pub fn fold_log(&self) -> Result<(), StoreError> {
        connect::fold_beside(&self.path)
    }

    /// Writes the whole file anew: whatever lay in pages that are not in use any more is gone once the log is folded too
    /// ([`Store::fold_log`]). Changes wait meanwhile, so it is given up after that time.
    ///
    /// # Errors
    /// [`StoreError`]; `is_stopped` when the time was too short, `is_busy` when somebody holds the database, `is_full` when the
    /// disk has no room for a second one.
    pub fn write_anew(&self, within: std::time::Duration) -> Result<(), StoreError> {
        connect::write_anew(&self.path, within)
    }

    /// Whether the database and its log are still the files that were opened.
    ///
    /// # Errors
    /// [`StoreError`]: what is written from now on nobody else sees. Whoever drops the last handle folds it into
    /// the file, where that is in its place.
    pub fn keeps_its_files(&self) -> Result<(), StoreError> {
        self.files.look()
    }

    /// From now on people at the clinic work in these hours: tasks that open are due when somebody can have done them.
    pub fn work_in(&self, hours: OfficeHours) {
        self.shared.hours.set(hours);
    }

    /// The hours in which people at the clinic work.
    #[must_use]
    pub fn office_hours(&self) -> OfficeHours {
        self.shared.hours.get()
    }

    /// From the next commit on every event of the audit goes into the sent journal in this directory too, before whoever asked
    /// for the change hears of it; what it does not have yet follows with that commit.
    pub fn keep_journal(&self, directory: &Path) {
        self.shared.journal.keep_in(directory, &self.path);
    }

    /// How the sent journal stands.
    #[must_use]
    pub fn journal_status(&self) -> JournalStatus {
        self.shared.journal.status()
    }

    /// From now on commits are timed by this clock; the first one given stays.
    pub fn time_commits(&self, clock: Box<MonotonicClock>) {
        self.writer.load().time_by(clock);
    }

    /// Told after each commit of this process, for the one who waits for the next instant on record.
    #[must_use]
    pub fn committed(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.committed)
    }

    /// How many changes wait for the writer, and how its commits went.
    #[must_use]
    pub fn writer_readings(&self) -> WriterReadings {
        self.writer.load().readings()
    }

    /// Rows that were met and could not be read.
    #[must_use]
    pub const fn unread(&self) -> &Unread {
        &self.shared.unread
    }

    /// The database file as given to [`Store::open`]; key and wake-up socket stand beside it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a change on the writer thread. It shares a commit with its neighbours but stands or falls alone
    /// (savepoint); the answer comes only after the COMMIT is on disk and the sent journal has it, or is told as one that is not
    /// written ([`Store::journal_status`]): a disk that fails or hangs keeps nobody waiting.
    ///
    /// # Errors
    /// What the job returns, or the store's own failure to commit.
    pub async fn write<T, E>(
        &self,
        stamp: Stamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.writer.submit(stamp, job, acknowledge(answer));
        answered.await.unwrap_or_else(|_| Err(E::from(StoreError::closed())))
    }

    /// [`Store::write`] for callers outside the runtime. Never call it from async code.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E>(
        &self,
        stamp: Stamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.writer.submit(stamp, job, acknowledge(answer));
        answered.blocking_recv().unwrap_or_else(|_| Err(E::from(StoreError::closed())))
    }

    /// Whether a change would find its turn within that time; none is made.
    ///
    /// # Errors
    /// [`StoreError`]; `is_busy` while another process holds the database.
    pub fn may_write(&self, within: std::time::Duration) -> Result<(), StoreError> {
        connect::may_write(self.path(), within)
    }

    /// [`Store::write`] without waiting, for whoever cannot wait for the sent journal either: `then` is called with the answer
    /// after the COMMIT, on the writer's own thread, so it must be quick. Where no writer is left it is dropped uncalled.
    /// What must not leave before the journal has it waits for that with what `then` is given.
    pub fn write_then<T, E>(
        &self,
        stamp: Stamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        then: impl FnOnce(Result<T, E>, JournalAck) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let journal = self.shared.journal.clone();
        let answer = move |result, number| then(result, journal.ack_of(number));
        self.writer.submit(stamp, job, ResultAck { stage: AckStage::Committed, answer });
    }

    /// Asks a question on a read-only connection, on the caller's thread: for point queries and short lists.
    ///
    /// # Errors
    /// What the question returns.
    pub fn read<T, E>(&self, question: impl FnOnce(&View<'_>) -> Result<T, E>) -> Result<T, E> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        let free = self.readers.iter().cycle().skip(turn).take(READERS).find_map(if_free);
        let ask = |connection: MutexGuard<'_, Connection>| {
            question(&View { sql: &connection, unread: self.shared.unread.clone() })
        };
        apart(|| ask(free.unwrap_or_else(|| wait(&self.readers[turn]))))
    }
}

/// Answers whoever waits, once the sent journal has the change too.
fn acknowledge<T, E>(
    answer: oneshot::Sender<Result<T, E>>,
) -> ResultAck<impl FnOnce(Result<T, E>, CommitNumber)> {
    ResultAck { stage: AckStage::Journaled, answer: |result, _| drop(answer.send(result)) }
}

const READERS: usize = 4;

/// A reader that nobody uses. One whose question panicked is as good as any.
fn if_free(reader: &Mutex<Connection>) -> Option<MutexGuard<'_, Connection>> {
    match reader.try_lock() {
        Ok(free) => Some(free),
        Err(TryLockError::Poisoned(free)) => Some(free.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

fn wait(reader: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever waits for a reader, or asks it, on a thread of the runtime hands its other work over first: a long question must not
/// stop timers, pages and letters of all.
fn apart<T>(ask: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(ask),
        _ => ask(),
    }
}

/// Nothing may be taken for a fresh database that once held something.
pub(in crate::store) fn there(path: &Path) -> Result<(), StoreError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(StoreError::missing(path)),
        Ok(file) if file.len() == 0 => Err(StoreError::empty(path)),
        // What else is wrong SQLite says better.
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::store::audit_action::AuditAction;
    use crate::store::db::columns::{instant, rows};
    use crate::store::db::transaction::{Stamp, Tx, View};
    use crate::store::error::StoreError;
    use crate::store::subject::{Singleton, Subject};

    pub(crate) fn fresh() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = fresh_at(&dir.path().join("a.db"));
        (dir, store)
    }

    /// A new database at that path: migrated once in a process, then copied. To migrate for each test anew was most of what the
    /// tests of this crate took.
    pub(crate) fn fresh_at(path: &Path) -> Store {
        static EMPTY: OnceLock<Vec<u8>> = OnceLock::new();
        std::fs::write(path, EMPTY.get_or_init(empty)).unwrap();
        Store::open(path, OpenMode::Create).unwrap()
    }

    /// Closed before it is read, so that nothing of it is left in its log.
    fn empty() -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty.db");
        drop(Store::open(&path, OpenMode::Create).unwrap());
        std::fs::read(path).unwrap()
    }

    /// Runs raw SQL, to break something on purpose.
    pub(crate) fn sabotage(tx: &mut Tx<'_>, sql: &str) -> Result<(), StoreError> {
        Ok(tx.sql.execute_batch(sql)?)
    }

    /// The words of one column.
    pub(crate) fn words(view: &View<'_>, ask: &str) -> Result<Vec<String>, StoreError> {
        rows(view.sql, ask, [], |r| r.get(0))
    }

    /// An alert of somebody, for what hangs on one.
    pub(crate) fn an_alert(tx: &mut Tx<'_>) -> Result<crate::store::alerts::lifecycle::AlertId, StoreError> {
        sabotage(
            tx,
            "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
             VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0)",
        )?;
        tx.insert_alert(&crate::store::alerts::lifecycle::NewAlert {
            patient: crate::care::patient::PatientId(1),
            audience: crate::store::alerts::lifecycle::Audience::Ladder,
            tier: Some(crate::care::triage::tier::Tier::Urgent),
            due_at: tx.at(),
        })
    }

    /// How SQLite would find the answer to a question, step by step.
    pub(crate) fn plan(store: &Store, ask: &str, values: &[&str]) -> Vec<String> {
        let explain = format!("EXPLAIN QUERY PLAN {ask}");
        let values = || rusqlite::params_from_iter(values);
        store.read(|view| rows(view.sql, &explain, values(), |r| r.get(3))).unwrap()
    }

    pub(crate) fn stamp() -> Stamp {
        Stamp::daemon(instant(1_000))
    }

    /// Asks a question on each of so many readers that lasts until the sender goes.
    fn hold(store: &Store, readers: usize) -> std::sync::mpsc::Sender<()> {
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let ends = Arc::new(Mutex::new(ends));
        let (began, begins) = std::sync::mpsc::channel();
        for _ in 0..readers {
            let (store, ends, began) = (store.clone(), Arc::clone(&ends), began.clone());
            std::thread::spawn(move || {
                let long = |_: &View<'_>| -> Result<(), StoreError> {
                    began.send(()).unwrap();
                    // It ends with an error once the sender is gone.
                    assert!(ends.lock().unwrap_or_else(PoisonError::into_inner).recv().is_err());
                    Ok(())
                };
                store.read(long)
            });
        }
        (0..readers).for_each(|_| begins.recv().unwrap());
        end
    }

    const SOON: std::time::Duration = std::time::Duration::from_secs(20);

    #[test]
    fn whoever_waits_for_a_reader_stops_nothing_else_of_the_runtime() {
        let (_dir, store) = fresh();
        let end = hold(&store, READERS);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let asks = store.clone();
        let (asking, asked) = std::sync::mpsc::channel();
        let waits = runtime.spawn(async move {
            asking.send(()).unwrap();
            asks.read(|view| view.fact("a"))
        });
        asked.recv().unwrap();
        let (goes_on, went_on) = std::sync::mpsc::channel();
        runtime.spawn(async move { goes_on.send(()) });
        let went_on = went_on.recv_timeout(SOON);
        drop(end);
        assert!(went_on.is_ok(), "everything stood still behind one question");
        assert_eq!(runtime.block_on(waits).unwrap().unwrap(), None);
    }

    #[test]
    fn whoever_asks_a_long_question_stops_nothing_else_of_the_runtime() {
        let (_dir, store) = fresh();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let (asking, asked) = std::sync::mpsc::channel();
        let asks = runtime.spawn(async move {
            asks_long(&store, || {
                asking.send(()).unwrap();
                assert!(ends.recv().is_err(), "it ends with the sender");
            });
        });
        asked.recv().unwrap();
        let (goes_on, went_on) = std::sync::mpsc::channel();
        runtime.spawn(async move { goes_on.send(()) });
        let went_on = went_on.recv_timeout(SOON);
        drop(end);
        assert!(went_on.is_ok(), "everything stood still behind one question");
        runtime.block_on(asks).unwrap();
    }

    fn asks_long(store: &Store, then: impl FnOnce()) {
        let question = |_: &View<'_>| -> Result<(), StoreError> {
            then();
            Ok(())
        };
        store.read(question).unwrap();
    }

    #[test]
    fn a_reader_whose_question_panicked_is_free_again() {
        let (_dir, store) = fresh();
        let panics = |_: &View<'_>| -> Result<(), StoreError> { panic!("a question") };
        for _ in 0..READERS {
            let asked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.read(panics)));
            assert!(asked.is_err());
        }
        let end = hold(&store, 1);
        let (asks, (done, is_done)) = (store.clone(), std::sync::mpsc::channel());
        std::thread::spawn(move || {
            (0..2 * READERS).for_each(|_| drop(asks.read(|view| view.fact("a"))));
            done.send(())
        });
        let free = is_done.recv_timeout(SOON);
        drop(end);
        assert!(free.is_ok(), "three readers are free");
    }

    #[test]
    fn a_failed_job_leaves_its_neighbours_alone() {
        let (_dir, store) = fresh();
        store.write_blocking(stamp(), |tx| tx.set_fact("a", "1")).unwrap();
        let broken: Result<(), StoreError> = store.write_blocking(stamp(), |tx| {
            tx.set_fact("a", "2")?;
            Err(StoreError::closed())
        });
        assert!(broken.is_err());
        assert_eq!(store.read(|v| v.fact("a")).unwrap().as_deref(), Some("1"));
    }

    #[test]
    fn a_panicking_job_fails_alone_and_the_writer_lives_on() {
        let (_dir, store) = fresh();
        let broken: Result<(), StoreError> = store.write_blocking(stamp(), |tx| {
            tx.set_fact("b", "2")?;
            panic!("poison");
        });
        assert!(broken.is_err());
        store.write_blocking(stamp(), |tx| tx.set_fact("c", "3")).unwrap();
        assert_eq!(store.read(|v| v.fact("b")).unwrap(), None);
    }

    #[test]
    fn of_many_parts_only_the_bad_one_is_undone() {
        let (_dir, store) = fresh();
        let job = |tx: &mut Tx<'_>| -> Result<Vec<bool>, StoreError> {
            tx.audit(AuditAction::DatabaseRestored, Singleton::Database, &serde_json::json!({}))?;
            let done = tx.each(&["a", "bad", "mad", "c"], |tx, name| {
                tx.set_fact(name, "1")?;
                tx.audit(
                    AuditAction::StaffAdded,
                    Subject::Staff((*name).to_owned()),
                    &serde_json::json!({}),
                )?;
                assert_ne!(*name, "mad");
                if *name == "bad" { Err(StoreError::other("bad".to_owned())) } else { Ok(()) }
            });
            tx.audit(AuditAction::KeyNoted, Singleton::Database, &serde_json::json!({}))?;
            Ok(done.iter().map(Result::is_ok).collect())
        };
        assert_eq!(store.write_blocking(stamp(), job).unwrap(), [true, false, false, true]);
        let facts = ["a", "bad", "mad", "c"].map(|name| store.read(|v| v.fact(name)).unwrap().is_some());
        assert_eq!(facts, [true, false, false, true]);
        assert_eq!(store.read(crate::store::audit::verify).unwrap().last, 4);
    }

    #[test]
    fn whoever_only_looks_reads_the_log_too_and_changes_nothing() {
        let (dir, store) = fresh();
        store.write_blocking(stamp(), |tx| tx.set_fact("a", "1")).unwrap();
        // As a killed daemon leaves it.
        let left = dir.path().join("left.db");
        for suffix in ["", "-wal", "-shm"] {
            std::fs::copy(
                format!("{}{suffix}", store.path().display()),
                format!("{}{suffix}", left.display()),
            )
            .unwrap();
        }
        let bytes = || std::fs::read(&left).unwrap();
        let before = bytes();
        let looked = Store::open_to_look(&left).unwrap();
        assert_eq!(looked.read(|view| view.fact("a")).unwrap().as_deref(), Some("1"));
        let refused = looked.write_blocking(stamp(), |tx| tx.set_fact("a", "2")).unwrap_err();
        assert!(refused.is_read_only(), "{refused}");
        assert_eq!(looked.read(|view| view.fact("a")).unwrap().as_deref(), Some("1"));
        drop(looked);
        assert_eq!(bytes(), before);
    }

    #[test]
    fn the_file_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        assert_eq!(std::fs::metadata(store.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
