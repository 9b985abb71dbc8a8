//! Whether the database still takes a change (P18): a small one is committed every few seconds, to the disk and not only
//! through the writer, so that readiness, heartbeat and watchdog know it at once and wait for nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::monitoring::thread_probe::ThreadProbe;
use crate::daemon::wake::clock_jump::JumpReceiver;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

/// The fact that each probe writes: the instant of its commit.
pub const FACT: &str = "commit_probe";
/// The fact of `doctor`, which must not look like a sign of life of the daemon.
const DOCTORS_FACT: &str = "doctor-probe";

/// How often a change is tried.
const EVERY: Duration = Duration::from_secs(15);

/// A commit is lately for so long: an import or a backup tool may hold the database for a while, and that is no fault.
const LATELY: Duration = Duration::from_secs(60);

/// What became of the tries; cheap to clone, and asking never waits for the database.
#[derive(Clone, Default)]
pub struct CommitProbe {
    state: Arc<Mutex<ProbeState>>,
    threads: ThreadProbe,
}

#[derive(Default)]
struct ProbeState {
    /// When a change was last committed, by a clock that never jumps and stands still while the machine sleeps.
    committed_at: Duration,
    /// Why the last one was not.
    fault: Option<String>,
    /// How many commits failed for the disk, as last seen.
    disk_failed: u64,
    /// Why the records could not all be read, where the file is damaged.
    damage: Option<String>,
    /// Why nothing that must wait finds a thread.
    threads_taken: Option<String>,
}

impl CommitProbe {
    /// Tries until stopped, or until the database's files are not in their place any more: then the daemon ends in good order,
    /// which folds what it has into the file, and opens what lies there. The first answer is the opening of the database, which
    /// has just written.
    pub async fn run(
        self,
        engine: watch::Receiver<Arc<Engine>>,
        mut jumps: JumpReceiver,
        stop: CancellationToken,
    ) {
        loop {
            let now = Arc::clone(&engine.borrow());
            if let Err(fault) = now.clinic.store.keeps_its_files() {
                self.note(now.post.clock.awake(), Err(fault.to_string()));
                return;
            }
            if stop.run_until_cancelled(self.once(&now)).await.is_none() {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = jumps.next() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Tries once; waits for as long as the database is held, or no thread is free.
    pub async fn once(&self, engine: &Engine) {
        self.note_threads(self.threads.once().await);
        let (clock, store) = (&engine.post.clock, &engine.clinic.store);
        let others = self.others_succeed(store.writer_readings().disk_failed);
        let tried = store.write(Stamp::daemon(clock.now()), commit).await;
        self.see(store.writer_readings().disk_failed);
        self.note(clock.awake(), tried.map_err(|fault| fault.to_string()).and(others));
    }

    /// Whether something that must wait finds a thread.
    fn note_threads(&self, found: Result<(), String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (&found, &state.threads_taken) {
            (Err(fault), None) => tracing::error!(%fault, "what must wait finds no thread"),
            (Ok(()), Some(_)) => tracing::info!("what must wait finds a thread again"),
            _ => {}
        }
        state.threads_taken = found.err();
    }

    /// So many commits have failed for the disk by now, the probe's own among them.
    fn see(&self, disk_failed: u64) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).disk_failed = disk_failed;
    }

    /// Whether none has failed for the disk since the last probe, of so many by now: the probe's one row may still fit where nothing
    /// else does.
    fn others_succeed(&self, disk_failed: u64) -> Result<(), String> {
        match disk_failed > self.state.lock().unwrap_or_else(PoisonError::into_inner).disk_failed {
            true => Err("the disk is full or fails: what is larger than one row does not fit".to_owned()),
            false => Ok(()),
        }
    }

    /// The database took a change at that moment, or says why not.
    pub fn note(&self, awake: Duration, tried: Result<(), String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match tried {
            Ok(()) => {
                if state.fault.is_some() {
                    tracing::info!("changes are committed again");
                }
                (state.committed_at, state.fault) = (awake, None);
            }
            Err(fault) => {
                if state.fault.as_ref() != Some(&fault) {
                    tracing::error!(%fault, "no change can be committed");
                }
                state.fault = Some(fault);
            }
        }
    }

    /// What the last look over all records found to be wrong with the file, if anything.
    pub fn note_damage(&self, damage: Option<String>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).damage = damage;
    }

    /// Whether every page could be read when all records were last looked at.
    ///
    /// # Errors
    /// What is wrong and what to do, for people.
    pub fn is_whole(&self) -> Result<(), String> {
        match &self.state.lock().unwrap_or_else(PoisonError::into_inner).damage {
            Some(damage) => Err(format!(
                "the database is damaged ({damage}): stop the service and restore the last backup, `aftercare restore FILE`"
            )),
            None => Ok(()),
        }
    }

    /// Whether a change was committed lately, the last one tried did not fail, and a thread is left for what must wait.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn is_able(&self, awake: Duration) -> Result<(), String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fault) = &state.fault {
            return Err(format!("no change can be committed: {fault}"));
        }
        if let Some(fault) = &state.threads_taken {
            return Err(fault.clone());
        }
        match awake.saturating_sub(state.committed_at) {
            age if age > LATELY => {
                Err(format!("no change has been committed for {} s: the database is held", age.as_secs()))
            }
            _ => Ok(()),
        }
    }
}

/// The change itself: one row, over and over.
///
/// # Errors
/// [`StoreError`] when it cannot be written.
pub fn commit(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.set_fact(FACT, &tx.at().to_string())
}

/// The same tried by `doctor`, beside the daemon.
///
/// # Errors
/// [`StoreError`] when it cannot be written.
pub fn commit_as_doctor(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.set_fact(DOCTORS_FACT, &tx.at().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn well_means_that_a_change_was_committed_lately() {
        let probe = CommitProbe::default();
        probe.note(at(100), Ok(()));
        assert_eq!((probe.is_able(at(100)), probe.is_able(at(160))), (Ok(()), Ok(())));
        let held = probe.is_able(at(161)).unwrap_err();
        assert!(held.contains("61 s"), "{held}");
    }

    #[test]
    fn a_probe_that_still_fits_does_not_hide_that_everything_larger_fails() {
        let probe = CommitProbe::default();
        probe.see(3);
        assert_eq!(probe.others_succeed(3), Ok(()), "its own failures are told by itself");
        assert!(probe.others_succeed(4).unwrap_err().contains("disk"));
        probe.see(4);
        assert_eq!(probe.others_succeed(4), Ok(()), "the next probe that meets none ends it");
    }

    #[test]
    fn a_daemon_without_a_thread_for_what_must_wait_is_not_ready_and_says_why() {
        let probe = CommitProbe::default();
        probe.note(at(100), Ok(()));
        probe.note_threads(Err("every thread is taken".to_owned()));
        assert_eq!(probe.is_able(at(100)), Err("every thread is taken".to_owned()));
        probe.note_threads(Ok(()));
        assert_eq!(probe.is_able(at(100)), Ok(()));
    }

    #[test]
    fn a_change_that_failed_is_told_at_once_and_the_next_good_one_ends_it() {
        let probe = CommitProbe::default();
        probe.note(at(100), Ok(()));
        probe.note(at(101), Err("the disk is full".to_owned()));
        assert_eq!(probe.is_able(at(101)), Err("no change can be committed: the disk is full".to_owned()));
        probe.note(at(116), Ok(()));
        assert_eq!(probe.is_able(at(117)), Ok(()));
    }
}
