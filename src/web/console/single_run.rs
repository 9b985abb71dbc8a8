//! Work beside the pages: one at a time, on a thread of its own, so that no page waits for it and the daemon can stop meanwhile.
//! Once it is over, also by a panic, the next may begin; what it leaves behind is kept until the program stops.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How far a run has come, and whether somebody has ended it.
#[derive(Debug, Default)]
pub(in crate::web::console) struct RunProgress {
    done: AtomicU64,
    is_ended: AtomicBool,
}

impl RunProgress {
    /// How much is done so far.
    pub(in crate::web::console) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Notes how much is done, and tells the work whether to go on.
    pub(in crate::web::console) fn note(&self, done: u64) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        if self.is_ended.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// What is kept of a run, and whether one runs.
#[derive(Default)]
pub(in crate::web::console) struct RunState<S> {
    pub(in crate::web::console) kept: S,
    is_running: bool,
    progress: Arc<RunProgress>,
}

impl<S> RunState<S> {
    /// Whether a run goes on.
    pub(in crate::web::console) const fn is_running(&self) -> bool {
        self.is_running
    }

    /// How far the run has come that goes on, or was the last.
    pub(in crate::web::console) fn progress(&self) -> &RunProgress {
        &self.progress
    }
}

/// A place for one run at a time.
#[derive(Default)]
pub(in crate::web::console) struct SingleRun<S>(Arc<(Mutex<RunState<S>>, Condvar)>);

impl<S> Clone for SingleRun<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Send + 'static> SingleRun<S> {
    /// What is kept now.
    pub(in crate::web::console) fn lock(&self) -> MutexGuard<'_, RunState<S>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while that is so, but no longer than this; a run that ends is looked at.
    pub(in crate::web::console) fn wait_while<'a>(
        &self,
        state: MutexGuard<'a, RunState<S>>,
        patience: Duration,
        is_waiting: impl FnMut(&mut RunState<S>) -> bool,
    ) -> MutexGuard<'a, RunState<S>> {
        let waited = self.0.1.wait_timeout_while(state, patience, is_waiting);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Ends the run that goes on, as soon as its work looks.
    pub(in crate::web::console) fn end(&self) {
        self.lock().progress.is_ended.store(true, Ordering::Relaxed);
    }

    /// Begins a run, unless one goes on.
    pub(in crate::web::console) fn begin(
        &self,
        state: &mut RunState<S>,
        name: &str,
        work: impl FnOnce(&Self, &RunProgress) + Send + 'static,
    ) -> std::io::Result<()> {
        if state.is_running {
            return Ok(());
        }
        // The thread makes the guard itself: one that is never born must not wait for the lock that its asker holds.
        let (runs, progress) = (self.clone(), Arc::new(RunProgress::default()));
        let seen = Arc::clone(&progress);
        let begun = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let run = RunningWork(runs);
            work(&run.0, &seen);
        });
        if begun.is_ok() {
            (state.is_running, state.progress) = (true, progress);
        }
        begun.map(drop)
    }
}

/// Work that goes on; it is over when this is dropped, also after a panic.
struct RunningWork<S: Send + 'static>(SingleRun<S>);

impl<S: Send + 'static> Drop for RunningWork<S> {
    fn drop(&mut self) {
        self.0.lock().is_running = false;
        self.0.0.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn one_run_at_a_time_and_a_panic_makes_room_for_the_next() {
        let runs = SingleRun::<u32>::default();
        let (go, gone) = mpsc::channel::<()>();
        let first = move |runs: &SingleRun<u32>, _: &RunProgress| {
            gone.recv().unwrap();
            runs.lock().kept = 1;
        };
        runs.begin(&mut runs.lock(), "first", first).unwrap();
        runs.begin(&mut runs.lock(), "second", |runs, _| runs.lock().kept = 2).unwrap();
        assert!(runs.lock().is_running());
        go.send(()).unwrap();
        let kept = || runs.wait_while(runs.lock(), LONG, |state| state.is_running()).kept;
        assert_eq!(kept(), 1);
        runs.begin(&mut runs.lock(), "third", |_, _| panic!("made for a test")).unwrap();
        assert_eq!(kept(), 1);
        runs.begin(&mut runs.lock(), "fourth", |runs, _| runs.lock().kept = 4).unwrap();
        assert_eq!(kept(), 4);
    }

    #[test]
    fn a_run_that_is_ended_hears_it_at_its_next_step() {
        let runs = SingleRun::<u32>::default();
        runs.begin(&mut runs.lock(), "long", |runs, progress| {
            let steps = (1..).find(|step| progress.note(*step).is_break()).unwrap();
            runs.lock().kept = u32::try_from(steps.min(7)).unwrap();
        })
        .unwrap();
        runs.end();
        let ended = runs.wait_while(runs.lock(), LONG, |state| state.is_running());
        assert!(ended.kept >= 1 && ended.progress().done() >= 1);
    }
}
