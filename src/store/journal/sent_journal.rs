//! The journal of a database, on a thread of its own: while the lines of one commit are brought to the disk, the next
//! transaction is at work. Whoever asked for a change hears of it when both have it; who cannot wait hears of it earlier, and
//! asks when the journal has it. A disk that hangs is waited for like one that fails: not at all, once that is told.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use crate::store::journal::commit_ack::{Answer, CommitNumber};
use crate::store::journal::status::{JournalFault, JournalStatus};
use crate::store::journal::writer::{JournalDisk, JournalWriter};

/// So long whoever asked for a change waits for the journal's disk; then it is told that it does not answer, and nobody waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Further than any commit: nobody waits for a journal whose thread broke.
const NOBODY_WAITS: CommitNumber = CommitNumber(u64::MAX);

/// The journal of one database, if it keeps one; all handles of the database share it.
#[derive(Clone, Default)]
pub(in crate::store) struct SentJournal {
    thread: Arc<Mutex<Option<JournalThread>>>,
    progress: JournalProgress,
}

/// A commit that the journal does not have yet, and who waits for that.
struct Unwritten {
    number: CommitNumber,
    answers: Vec<Answer>,
}

/// The thread that has everything written; whoever lets it go waits until that is done, or the disk does not answer.
struct JournalThread {
    directory: PathBuf,
    /// `None` only while it is dropped.
    commits: Option<mpsc::Sender<Unwritten>>,
    thread: Option<JoinHandle<()>>,
}

/// How far it is, for whoever asks.
#[derive(Clone, Default)]
struct JournalProgress {
    status: Arc<Mutex<JournalStatus>>,
    reached: Arc<watch::Sender<CommitNumber>>,
    /// The thread in whose name it speaks, and the one that writes now: one that was let go tells nothing of the journal.
    thread: u64,
    newest: Arc<AtomicU64>,
}

/// The acknowledgement of a commit by the journal, for whoever waits for it.
#[derive(Debug, Clone)]
pub struct JournalAck {
    commit: CommitNumber,
    reached: watch::Receiver<CommitNumber>,
}

impl JournalAck {
    /// The same for what was committed before.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { commit: CommitNumber(self.commit.0.saturating_sub(1)), reached: self.reached.clone() }
    }

    /// Returns when the journal has it: at once where none is kept, and as soon as it is told where it cannot be written.
    pub async fn done(mut self) {
        // The other end goes with the database: nobody writes any more.
        drop(self.reached.wait_for(|reached| *reached >= self.commit).await);
    }
}

impl SentJournal {
    /// From the next commit on events of this database go into files in this directory. One whose thread broke is begun anew.
    /// The old one writes what it was given in its own time: nobody waits for a disk that may not answer, and what it does
    /// not get done the new one has too, which begins long before.
    pub(in crate::store) fn keep_in(&self, directory: &Path, database: &Path) {
        self.keep_within(directory, database, PATIENCE);
    }

    /// [`SentJournal::keep_in`] with another patience with the disk.
    fn keep_within(&self, directory: &Path, database: &Path, patience: Duration) {
        let mut held = self.held();
        if held.as_ref().is_some_and(|thread| thread.directory == directory && !thread.is_over()) {
            return;
        }
        if let Some(old) = held.take() {
            old.leave();
        }
        let progress = self.progress.next();
        let disk = JournalDisk::start(JournalWriter::new(database, directory), patience);
        match disk.and_then(|disk| JournalThread::start(disk, directory, &progress)) {
            Ok(thread) => *held = Some(thread),
            Err(error) => progress.note(Err(JournalFault::Io(directory.to_owned(), error.to_string()))),
        }
    }

    pub(in crate::store) fn status(&self) -> JournalStatus {
        self.progress.status().clone()
    }

    /// The acknowledgement of this commit.
    pub(in crate::store) fn ack_of(&self, commit: CommitNumber) -> JournalAck {
        JournalAck { commit, reached: self.progress.reached.subscribe() }
    }

    /// Takes what was committed; who waits is answered once the journal has it. One that cannot be written keeps no letter and
    /// no answer back: it is told, and what is missing follows as soon as it can be.
    pub(in crate::store) fn take(&self, number: CommitNumber, answers: Vec<Answer>) {
        let commit = Unwritten { number, answers };
        let left = match self.held().as_ref() {
            Some(JournalThread { commits: Some(commits), .. }) => {
                commits.send(commit).err().map(|sent| sent.0)
            }
            _ => Some(commit),
        };
        if let Some(commit) = left {
            self.progress.reach(number);
            commit.answer();
        }
    }

    /// Writes what is left, and lets the database go.
    pub(in crate::store) fn close(&self) {
        // Taken out first: the lock is not held while it is waited for.
        let thread = self.held().take();
        drop(thread);
    }

    fn held(&self) -> MutexGuard<'_, Option<JournalThread>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unwritten {
    fn answer(self) {
        for answer in self.answers {
            answer(Ok(self.number));
        }
    }
}

impl JournalThread {
    fn start(disk: JournalDisk, directory: &Path, progress: &JournalProgress) -> std::io::Result<Self> {
        let (commits, queue) = mpsc::channel();
        let progress = progress.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(disk, &queue, &progress))?;
        Ok(Self { directory: directory.to_owned(), commits: Some(commits), thread: Some(thread) })
    }

    /// Lets it go: it ends once it has written what it was given, and nobody waits for that.
    fn leave(mut self) {
        drop(self.commits.take());
        drop(self.thread.take());
    }

    fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for JournalThread {
    fn drop(&mut self) {
        drop(self.commits.take());
        if let Some(thread) = self.thread.take() {
            // One that panicked is at its end as well.
            drop(thread.join());
        }
    }
}

/// Whoever waits for a thread that is gone waits for nothing, and it is told that nobody writes.
struct Ending<'p>(&'p JournalProgress);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broke();
        }
    }
}

fn write_all(mut disk: JournalDisk, queue: &mpsc::Receiver<Unwritten>, progress: &JournalProgress) {
    let _ending = Ending(progress);
    while let Some(commits) = next(queue, &disk) {
        let done = disk.follow();
        let is_gone = done == Err(JournalFault::Gone);
        progress.note(done);
        if let Some(last) = commits.last() {
            progress.reach(last.number);
        }
        commits.into_iter().for_each(Unwritten::answer);
        if is_gone {
            return progress.broke();
        }
    }
    // Its disk may have come back meanwhile.
    if disk.is_silent() {
        progress.note(disk.follow());
    }
}

/// What was committed since: one sync for all of it. While the disk is silent none is none: it is asked again by itself.
fn next(queue: &mpsc::Receiver<Unwritten>, disk: &JournalDisk) -> Option<Vec<Unwritten>> {
    let first = match disk.is_silent() {
        false => Some(queue.recv().ok()?),
        true => match queue.recv_timeout(disk.pause()) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return None,
        },
    };
    Some(first.into_iter().chain(queue.try_iter()).collect())
}

impl JournalProgress {
    /// The same for the thread that writes from now on.
    fn next(&self) -> Self {
        let thread = self.newest.fetch_add(1, Ordering::Relaxed) + 1;
        Self { thread, ..self.clone() }
    }

    /// Whether nobody writes in its place.
    fn is_newest(&self) -> bool {
        self.thread == self.newest.load(Ordering::Relaxed)
    }

    /// Never back, since one that was let go may come to its end late; but where a thread broke nobody waited any more, and whoever
    /// comes after it is waited for again.
    fn reach(&self, number: CommitNumber) {
        self.reached.send_if_modified(|reached| {
            let is_begun_anew = *reached == NOBODY_WAITS && self.is_newest();
            let moves = number > *reached || is_begun_anew;
            if moves {
                *reached = number;
            }
            moves
        });
    }

    /// Nobody writes any more, and nobody waits for it.
    fn broke(&self) {
        if self.is_newest() {
            self.note(Err(JournalFault::Gone));
            self.reach(NOBODY_WAITS);
        }
    }

    fn note(&self, done: Result<i64, JournalFault>) {
        let mut status = self.status();
        if !self.is_newest() {
            return;
        }
        match done {
            Ok(last) => {
                if status.fault.is_some() {
                    tracing::warn!("the sent journal is written again, and what was missing is in it");
                }
                *status = JournalStatus { fault: None, last };
            }
            Err(fault) => {
                if status.fault.as_ref() != Some(&fault) {
                    tracing::error!(%fault, "what leaves is not in the sent journal: a restore would not know of it");
                }
                status.fault = Some(fault);
            }
        }
    }

    fn status(&self) -> MutexGuard<'_, JournalStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit_action::AuditAction;
    use crate::store::database::Store;
    use crate::store::database::tests::{fresh, stamp};
    use crate::store::db::transaction::Tx;
    use crate::store::error::StoreError;
    use crate::store::journal::segment::newest_line;
    use crate::store::journal::writer::turn;
    use crate::store::subject::Singleton;

    fn event(tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.audit(AuditAction::KeyNoted, Singleton::Database, &serde_json::json!({}))
    }

    fn newest(directory: &Path) -> Option<i64> {
        newest_line(directory).unwrap().map(|line| line.event.id)
    }

    /// Makes a change and waits for the journal as a delivery pass does.
    fn early(store: &Store) -> JournalAck {
        let (told, tells) = mpsc::channel();
        let then = move |done: Result<(), StoreError>, wait: JournalAck| told.send((done, wait)).unwrap();
        store.write_then(stamp(), event, then);
        let (done, wait) = tells.recv().unwrap();
        done.unwrap();
        wait
    }

    #[tokio::test]
    async fn who_is_told_of_a_change_finds_it_in_the_journal() {
        let (dir, store) = fresh();
        let journal = dir.path().join("journal");
        // Where none is kept nobody waits.
        early(&store).done().await;
        store.keep_journal(&journal);
        for id in 2..12 {
            store.write(stamp(), event).await.unwrap();
            assert_eq!((newest(&journal), store.journal_status().last), (Some(id), id));
        }
        let wait = early(&store);
        wait.clone().before().done().await;
        assert!(newest(&journal) >= Some(11));
        wait.done().await;
        assert_eq!(newest(&journal), Some(12));
    }

    #[test]
    fn whoever_closes_the_database_waits_for_its_journal() {
        let (dir, store) = fresh();
        let journal = dir.path().join("journal");
        store.keep_journal(&journal);
        (0..40).for_each(|_| drop(early(&store)));
        drop(store);
        assert_eq!(newest(&journal), Some(40));
    }

    #[tokio::test]
    async fn a_thread_that_broke_is_told_keeps_nobody_waiting_and_is_begun_anew() {
        let (dir, store) = fresh();
        let (path, directory) = (dir.path().join("a.db"), dir.path().join("journal"));
        let journal = SentJournal::default();
        journal.keep_in(&directory, &path);
        journal.take(CommitNumber(1), vec![Box::new(|_| panic!("whoever hears of the commit breaks"))]);
        journal.ack_of(CommitNumber(9)).done().await;
        assert_eq!(journal.status().fault, Some(JournalFault::Gone));
        while !journal.held().as_ref().is_some_and(JournalThread::is_over) {
            std::thread::yield_now();
        }
        store.write(stamp(), event).await.unwrap();
        journal.keep_in(&directory, &path);
        journal.take(CommitNumber(2), Vec::new());
        journal.ack_of(CommitNumber(2)).done().await;
        journal.close();
        assert_eq!(*journal.progress.reached.borrow(), CommitNumber(2), "it is waited for again");
        assert_eq!((journal.status().fault, newest(&directory)), (None, Some(1)), "what was missing follows");
    }

    #[tokio::test]
    async fn a_disk_that_does_not_answer_is_left_and_keeps_nobody_waiting() {
        let (dir, store) = fresh();
        let (hangs, other) = (dir.path().join("hangs"), dir.path().join("other"));
        // Whoever writes to a file there waits for ever, as on a disk of another machine that is away.
        let away = turn(&hangs).unwrap();
        store.keep_journal(&hangs);
        let first = early(&store);
        let (moved, is_moved) = mpsc::channel();
        let moves = store.clone();
        let moving = std::thread::spawn({
            let other = other.clone();
            move || {
                moves.keep_journal(&other);
                moved.send(())
            }
        });
        let is_moved = is_moved.recv_timeout(std::time::Duration::from_secs(20));
        let went_on = is_moved.is_ok().then(|| early(&store));
        if let Some(second) = went_on {
            second.done().await;
        }
        let told = (newest(&other), store.journal_status().fault);
        drop(away);
        moving.join().unwrap().unwrap();
        assert!(is_moved.is_ok(), "the new journal waits for the old one's disk");
        assert_eq!(told, (Some(2), None));
        first.done().await;
        assert_eq!(store.journal_status().last, 2, "the old one's end says nothing of the new one");
    }

    const SOON: Duration = Duration::from_secs(20);

    /// A store whose journal is followed with little patience.
    fn impatient() -> ((tempfile::TempDir, Store), SentJournal, PathBuf) {
        let (dir, store) = fresh();
        store.write_blocking(stamp(), event).unwrap();
        let (journal, directory) = (SentJournal::default(), dir.path().join("journal"));
        journal.keep_within(&directory, &dir.path().join("a.db"), Duration::from_millis(50));
        ((dir, store), journal, directory)
    }

    /// Waits for the answer to a commit of that number.
    fn answered(journal: &SentJournal, number: u64) -> Option<CommitNumber> {
        let (told, tells) = mpsc::channel();
        journal.take(CommitNumber(number), vec![Box::new(move |done| told.send(done.unwrap()).unwrap())]);
        tells.recv_timeout(SOON).ok()
    }

    fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..4000 {
            if is_so() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("never: {what}");
    }

    #[test]
    fn a_disk_that_hangs_is_told_keeps_nobody_waiting_and_is_caught_up_by_itself() {
        let (_store, journal, directory) = impatient();
        // As on a disk of another machine that is away, or beside a program that stopped with the lock in its hand.
        let hangs = turn(&directory).unwrap();
        assert_eq!(answered(&journal, 1), Some(CommitNumber(1)), "who asked for a change waits for ever");
        let waits = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let ack = journal.ack_of(CommitNumber(1));
        waits.block_on(async { tokio::time::timeout(SOON, ack.done()).await }).unwrap();
        let silent = Some(JournalFault::Silent(directory.clone()));
        assert_eq!(journal.status().fault, silent);
        for number in 2..40 {
            assert_eq!(answered(&journal, number), Some(CommitNumber(number)));
        }
        assert_eq!((journal.status().fault, newest(&directory)), (silent, None));
        drop(hangs);
        // Nobody commits anything more.
        until("it is written again", || journal.status().fault.is_none());
        assert_eq!((journal.status().last, newest(&directory)), (1, Some(1)));
        journal.close();
    }

    #[test]
    fn whoever_closes_a_database_whose_journal_hangs_does_not_wait_for_it() {
        let (_store, journal, directory) = impatient();
        let hangs = turn(&directory).unwrap();
        assert_eq!(answered(&journal, 1), Some(CommitNumber(1)));
        let (closed, is_closed) = mpsc::channel();
        let closing = std::thread::spawn(move || {
            journal.close();
            closed.send(())
        });
        let is_closed = is_closed.recv_timeout(SOON);
        drop(hangs);
        closing.join().unwrap().unwrap();
        assert!(is_closed.is_ok(), "the end of the program waits for ever");
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_written_keeps_nobody_waiting_and_catches_up() {
        let (dir, store) = fresh();
        let journal = dir.path().join("journal");
        std::fs::write(&journal, "in its way").unwrap();
        store.keep_journal(&journal);
        store.write(stamp(), event).await.unwrap();
        early(&store).done().await;
        assert!(matches!(store.journal_status().fault, Some(JournalFault::Io(..))));
        std::fs::remove_file(&journal).unwrap();
        store.write(stamp(), event).await.unwrap();
        assert_eq!((newest(&journal), store.journal_status().fault), (Some(3), None));
    }
}
