//! The one writer: a thread that owns the connection, runs waiting changes each in a savepoint, commits them together,
//! and answers only after the COMMIT.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::audit::Head;
use super::{Stamp, StoreError, Tx, View};

/// Enough to share one fsync among all SMTP lines and pages; small enough that nobody waits long.
const BATCH: usize = 256;

/// How long a commit waits for somebody who is expected: less than an fsync takes.
const LINGER: Duration = Duration::from_micros(400);

/// So many times in a row in vain, and it waits before one commit in 64 only.
const SELDOM: u32 = 6;

/// Told whether the shared commit held; then it answers its waiter.
type Ack = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection, &Head) -> Ack + Send>;

/// How many are about to bring a change, as far as the writer is told.
#[derive(Clone, Default)]
pub(super) struct Expected(Arc<AtomicUsize>);

/// Somebody who is about to bring a change. The writer waits a moment for them before it commits, so that one fsync serves
/// more of them. Let go of it when the change is on its way, or never comes.
pub struct Coming(Expected);

impl Expected {
    pub(super) fn one(&self) -> Coming {
        self.0.fetch_add(1, Ordering::Relaxed);
        Coming(self.clone())
    }

    fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(super) struct Writer {
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    pub(super) expected: Expected,
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
    pub(super) fn start(connection: Connection) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        // The thread ends when the last Store is dropped; a failed spawn closes the queue and every write says so.
        let expected = Expected::default();
        let mut queue = Queue { jobs: queue, expected: expected.clone(), in_vain: 0, pass: 0 };
        let spawned =
            std::thread::Builder::new().name("writer".to_owned()).spawn(move || run(&connection, &mut queue));
        Self { jobs: Some(jobs), thread: spawned.ok(), expected }
    }

    /// `answer` is called on the writer's thread after the commit; it is dropped uncalled where no writer is left.
    pub(super) fn submit<T, E>(
        &self,
        stamp: Stamp,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let boxed: Job = Box::new(move |connection, head| {
            let result = guarded((connection, head), &stamp, job);
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(fault) => Err(E::from(fault.again())),
                };
                answer(result);
            })
        });
        // A closed queue drops the job and with it the answer.
        drop(self.jobs.as_ref().map(|jobs| jobs.send(boxed)));
    }
}

/// Changes that wait.
struct Queue {
    jobs: mpsc::Receiver<Job>,
    expected: Expected,
    /// How often in a row it waited for somebody who did not come.
    in_vain: u32,
    /// How many commits pass before it waits again.
    pass: u32,
}

impl Queue {
    /// The next change for this commit: one that waits, or that somebody brings in a moment. Who was waited for in vain, at
    /// a server far away or slow, is waited for ever more seldom.
    fn more(&mut self) -> Option<Job> {
        if let Ok(job) = self.jobs.try_recv() {
            return Some(job);
        }
        if !self.expected.any() {
            return None;
        }
        if self.pass > 0 {
            self.pass -= 1;
            return None;
        }
        let job = self.jobs.recv_timeout(LINGER).ok();
        self.in_vain = if job.is_some() { 0 } else { (self.in_vain + 1).min(SELDOM) };
        self.pass = 2_u32.pow(self.in_vain) - 1;
        job
    }
}

fn run(connection: &Connection, queue: &mut Queue) {
    while let Ok(first) = queue.jobs.recv() {
        let (acks, outcome) = batch(connection, first, queue);
        for ack in acks {
            ack(outcome.as_ref().copied());
        }
    }
}

fn batch(connection: &Connection, first: Job, queue: &mut Queue) -> (Vec<Ack>, Result<(), StoreError>) {
    let begun = step(connection, "BEGIN IMMEDIATE");
    // Others may have written since: the end of the audit is known only within one transaction.
    let head = Head::default();
    let mut acks = vec![first(connection, &head)];
    while acks.len() < BATCH
        && let Some(next) = queue.more()
    {
        acks.push(next(connection, &head));
    }
    let outcome = begun.and_then(|()| step(connection, "COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    (acks, outcome)
}

fn guarded<T, E: From<StoreError>>(
    (connection, head): (&Connection, &Head),
    stamp: &Stamp,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    // Without an open transaction (BEGIN failed) nothing may run: each statement would commit by itself.
    if connection.is_autocommit() {
        return Err(E::from(StoreError::closed()));
    }
    step(connection, "SAVEPOINT job")?;
    let mut tx = Tx { view: View { sql: connection }, stamp, head };
    let result = caught(|| job(&mut tx));
    if result.is_err() {
        step(connection, "ROLLBACK TO job")?;
        head.forget();
    }
    step(connection, "RELEASE job")?;
    result
}

/// A part that panics fails like any other; what it changed is undone by the caller.
pub(super) fn caught<T, E: From<StoreError>>(part: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(part)).unwrap_or_else(|_| Err(E::from(StoreError::panicked())))
}

pub(super) fn step(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_never_comes_is_waited_for_ever_more_seldom() {
        let (sender, jobs) = mpsc::channel();
        let expected = Expected::default();
        let mut queue = Queue { jobs, expected: expected.clone(), in_vain: 0, pass: 0 };
        assert!(queue.more().is_none() && queue.in_vain == 0, "nobody is expected");
        let coming = expected.one();
        let waits = (0..1_000).filter(|_| {
            let passes = queue.pass;
            queue.more().is_none() && passes == 0
        });
        assert_eq!(waits.count(), 20);
        sender.send(Box::new(|_, _| Box::new(|_| ()))).unwrap();
        assert!(queue.more().is_some(), "a change that is there needs no waiting");
        drop(coming);
        assert!(!expected.any());
    }
}
