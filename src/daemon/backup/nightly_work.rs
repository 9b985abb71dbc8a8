//! Work on copies that runs by itself, so that a place that does not answer (a network disk that is away) stops nothing but what
//! waits for it: neither the work beside it nor whoever has to be told of it.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;

/// After so long a person is told.
const PATIENCE: Duration = Duration::from_secs(3600);

/// One piece of such work; at most one of it runs.
#[derive(Debug, Default)]
pub(in crate::daemon::backup) struct NightlyWork {
    running: Option<JoinHandle<bool>>,
    begun: Duration,
    is_told: bool,
}

impl NightlyWork {
    /// Begins it, unless it still runs. It gives back whether all is well.
    pub(in crate::daemon::backup) fn begin(
        &mut self,
        now: Duration,
        work: impl Future<Output = bool> + Send + 'static,
    ) {
        if self.running.as_ref().is_none_or(JoinHandle::is_finished) {
            (self.running, self.begun, self.is_told) = (Some(tokio::spawn(work)), now, false);
        }
    }

    /// Whether it goes on.
    pub(in crate::daemon::backup) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Waits until it has ended, and gives back what it did; for ever where nothing runs. Whoever stops to wait loses nothing.
    pub(in crate::daemon::backup) async fn ended(&mut self) -> bool {
        let Some(running) = &mut self.running else { return std::future::pending().await };
        let ended = running.await;
        self.running = None;
        match ended {
            Ok(is_well) => is_well,
            // As if it had been done here.
            Err(broken) if broken.is_panic() => std::panic::resume_unwind(broken.into_panic()),
            Err(_) => false,
        }
    }

    /// Whether it has run for longer than anybody should wait without a word; once for each time it is begun.
    pub(in crate::daemon::backup) fn is_overdue(&mut self, now: Duration) -> bool {
        let goes_on = self.running.as_ref().is_some_and(|running| !running.is_finished());
        let is_overdue = goes_on && !self.is_told && now.saturating_sub(self.begun) >= PATIENCE;
        self.is_told |= is_overdue;
        is_overdue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_hangs_is_begun_once_and_told_once_and_what_ends_is_begun_again() {
        let (mut work, at) = (NightlyWork::default(), Duration::from_secs);
        work.begin(at(5), std::future::pending());
        work.begin(at(3000), async { true });
        assert!(!work.is_overdue(at(3604)) && work.is_overdue(at(3605)) && !work.is_overdue(at(9999)));
        assert!(work.is_running());
        let mut work = NightlyWork::default();
        for is_well in [true, false] {
            work.begin(at(0), async move { is_well });
            assert_eq!(work.ended().await, is_well);
            assert!(!work.is_running() && !work.is_overdue(at(9999)));
        }
    }
}
