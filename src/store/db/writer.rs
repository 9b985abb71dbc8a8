//! The one writer: a thread that owns the connection, runs waiting changes each in a savepoint, commits them together,
//! and answers only after the COMMIT, most of them once the sent journal has it too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::Notify;

use crate::store::db::chain_head::ChainHead;
use crate::store::db::connect::PageCache;
use crate::store::db::migrate::NewerSchema;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::db::unread::Unread;
use crate::store::error::StoreError;
use crate::store::journal::commit_ack::{AckStage, CommitAck, CommitNumber, ResultAck};
use crate::store::journal::sent_journal::SentJournal;
use crate::store::monitoring::writer_load::WriterLoad;
use crate::store::office_hours::HoursInForce;

/// Enough to share one fsync among all SMTP lines and pages; small enough that nobody waits long.
const BATCH: usize = 256;

type Job = Box<dyn FnOnce(&JobContext<'_>) -> CommitAck + Send>;

/// What a change is made on.
struct JobContext<'g> {
    connection: &'g Connection,
    head: &'g ChainHead,
    pages: &'g PageCache,
    unread: &'g Unread,
    hours: &'g HoursInForce,
}

/// What the writer shares with every handle of its database.
#[derive(Clone, Default)]
pub(in crate::store) struct WriterState {
    /// Rows that were met and could not be read.
    pub(in crate::store) unread: Unread,
    /// The clinic's working hours.
    pub(in crate::store) hours: HoursInForce,
    /// What was committed, once more outside the database.
    pub(in crate::store) journal: SentJournal,
    /// Told after each commit of this process.
    pub(in crate::store) committed: Arc<Notify>,
}

pub(in crate::store) struct Writer {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    load: WriterLoad,
}

/// The last handle waits until the connection is closed, so that whoever looks at the file next finds it whole.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // A change may hold the last handle itself: a thread cannot wait for its own end.
        if let Some(thread) = self.thread.take().filter(|t| t.thread().id() != std::thread::current().id()) {
            // A writer that panicked is at its end as well.
            drop(thread.join());
        }
    }
}

impl Writer {
    pub(in crate::store) fn start(connection: Connection, shared: WriterState) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let load = WriterLoad::default();
        let counted = load.clone();
        // The thread ends when the last Store is dropped; a failed spawn closes the queue and every write says so.
        let spawned = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            run(
                &WriterConnection {
                    connection: &connection,
                    schema: &NewerSchema::new(),
                    shared: &shared,
                    load: &counted,
                },
                &queue,
            )
        });
        Self { jobs: Some(jobs), thread: spawned.ok(), load }
    }

    /// How much it has to do, and how its commits went.
    pub(in crate::store) const fn load(&self) -> &WriterLoad {
        &self.load
    }

    /// The answer is given on the thread of the writer or of the journal; it is dropped uncalled where no writer is left.
    pub(in crate::store) fn submit<T, E>(
        &self,
        stamp: Stamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        ack: ResultAck<impl FnOnce(Result<T, E>, CommitNumber) + Send + 'static>,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let boxed: Job = Box::new(move |ground| {
            let result = guarded(ground, &stamp, job);
            let ResultAck { stage, answer } = ack;
            let answer = Box::new(move |committed: Result<CommitNumber, &StoreError>| {
                let number = committed.unwrap_or_default();
                let result = match committed {
                    Ok(_) => result,
                    // Whoever met the reason tells it better.
                    Err(fault) if fault.is_undone() => result.and_then(|_| Err(E::from(fault.clone()))),
                    Err(fault) => Err(E::from(fault.clone())),
                };
                answer(result, number);
            });
            CommitAck { stage, answer }
        });
        self.load.enters();
        // A closed queue drops the job and with it the answer.
        if self.jobs.as_ref().is_none_or(|jobs| jobs.send(boxed).is_err()) {
            self.load.left(1);
        }
    }
}

fn run(held: &WriterConnection<'_>, queue: &mpsc::Receiver<Job>) {
    let mut number = CommitNumber::default();
    while let Ok(first) = queue.recv() {
        let began = held.load.begins();
        let (acks, outcome) = batch(held, first, queue);
        held.load.left(acks.len());
        match outcome {
            Ok(()) => {
                held.load.committed(began);
                held.shared.committed.notify_one();
                number.0 += 1;
                acknowledge(acks, number, &held.shared.journal);
            }
            Err(fault) => {
                held.load.failed(&fault);
                acks.into_iter().for_each(|ack| (ack.answer)(Err(&fault)));
            }
        }
    }
    // It reads the database: only the last connection can fold the log back into the file.
    held.shared.journal.close();
}

/// Answers those who need not wait for the journal; it answers the others.
fn acknowledge(acks: Vec<CommitAck>, number: CommitNumber, journal: &SentJournal) {
    let (early, late): (Vec<_>, Vec<_>) = acks.into_iter().partition(|ack| ack.stage == AckStage::Committed);
    // First, so that the journal is at work meanwhile.
    journal.take(number, late.into_iter().map(|ack| ack.answer).collect());
    early.into_iter().for_each(|ack| (ack.answer)(Ok(number)));
}

/// What the writer's thread holds as long as it runs.
struct WriterConnection<'a> {
    connection: &'a Connection,
    schema: &'a NewerSchema,
    shared: &'a WriterState,
    load: &'a WriterLoad,
}

fn batch(
    held: &WriterConnection<'_>,
    first: Job,
    queue: &mpsc::Receiver<Job>,
) -> (Vec<CommitAck>, Result<(), StoreError>) {
    let WriterConnection { connection, schema, shared: WriterState { unread, hours, .. }, .. } = *held;
    // Within the transaction nobody can change the schema any more.
    let begun = step(connection, "BEGIN IMMEDIATE").and_then(|()| schema.look(connection));
    // Others may have written since: the end of the audit is known only within one transaction.
    let head = ChainHead::default();
    let pages = PageCache::default();
    let ground = JobContext { connection, head: &head, pages: &pages, unread, hours };
    let mut acks = vec![first(&ground)];
    let is_undone = || begun.is_ok() && connection.is_autocommit();
    while acks.len() < BATCH
        && !is_undone()
        && let Ok(next) = queue.try_recv()
    {
        acks.push(next(&ground));
    }
    let outcome = if is_undone() { Err(StoreError::undone()) } else { begun };
    let outcome = outcome.and_then(|()| step(connection, "COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    pages.settle(connection);
    (acks, outcome)
}

fn guarded<T, E: From<StoreError>>(
    ground: &JobContext<'_>,
    stamp: &Stamp,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let view = View { sql: ground.connection, unread: ground.unread.clone() };
    Tx { view, stamp, head: ground.head, pages: ground.pages, hours: ground.hours }.shielded(job)
}

/// A part that panics fails like any other; what it changed is undone by the caller.
pub(in crate::store) fn caught<T, E: From<StoreError>>(part: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|_| Err(E::from(StoreError::panicked())))
}

pub(in crate::store) fn step(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}
