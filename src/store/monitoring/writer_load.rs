//! How the one writer fares: how many changes wait for it, how long its commits take, how many failed. It counts without a
//! lock, on the writer's own thread.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::store::error::StoreError;
use crate::store::monitoring::duration_counts::{BucketCount, DurationCounts};

/// A clock that never jumps; only differences mean anything. The store has none of its own.
pub type MonotonicClock = dyn Fn() -> Duration + Send + Sync;

/// Up to where commits are counted, in microseconds: from a fast SSD to a disk that stalls.
const LIMITS: [u64; 13] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000,
    30_000_000,
];

/// Shared by the handles of one database and its writer; cheap to clone.
#[derive(Clone, Default)]
pub(in crate::store) struct WriterLoad(Arc<WriterCounts>);

#[derive(Default)]
struct WriterCounts {
    clock: OnceLock<Box<MonotonicClock>>,
    queued: AtomicUsize,
    failed: AtomicU64,
    disk_failed: AtomicU64,
    /// How many took no longer than each limit, and longer than the one before; the last has no limit.
    commits: [AtomicU64; LIMITS.len() + 1],
    micros: AtomicU64,
}

/// How the writer fares now, and how its commits went since the database was opened.
#[derive(Debug, Clone, PartialEq)]
pub struct WriterReadings {
    /// Changes that wait for the writer or are being made.
    pub queued: usize,
    /// Commits that failed: whoever waited for one of their changes was told so.
    pub failed: u64,
    /// Those of them for which the disk had no room, or failed.
    pub disk_failed: u64,
    /// How long commits took that held, from the first statement to the disk.
    pub commits: DurationCounts,
}

impl WriterLoad {
    /// From now on commits are timed by this clock; the first one given stays.
    pub(in crate::store) fn time_by(&self, clock: Box<MonotonicClock>) {
        drop(self.0.clock.set(clock));
    }

    pub(in crate::store) fn enters(&self) {
        self.0.queued.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::store) fn left(&self, changes: usize) {
        self.0.queued.fetch_sub(changes, Ordering::Relaxed);
    }

    /// When a batch begins; `None` as long as nobody gave a clock.
    pub(in crate::store) fn begins(&self) -> Option<Duration> {
        self.0.clock.get().map(|clock| clock())
    }

    /// A batch that began then is on the disk.
    pub(in crate::store) fn committed(&self, began: Option<Duration>) {
        let (Some(began), Some(clock)) = (began, self.0.clock.get()) else { return };
        let micros = u64::try_from(clock().saturating_sub(began).as_micros()).unwrap_or(u64::MAX);
        let at = LIMITS.iter().position(|limit| micros <= *limit).unwrap_or(LIMITS.len());
        self.0.commits[at].fetch_add(1, Ordering::Relaxed);
        self.0.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A batch could not be committed.
    pub(in crate::store) fn failed(&self, fault: &StoreError) {
        self.0.failed.fetch_add(1, Ordering::Relaxed);
        if fault.is_of_disk() {
            self.0.disk_failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(in crate::store) fn readings(&self) -> WriterReadings {
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        let mut all = 0;
        let mut counted = |at: usize| {
            all += self.0.commits[at].load(Ordering::Relaxed);
            all
        };
        let limits = LIMITS.into_iter().enumerate();
        let up_to =
            limits.map(|(at, limit)| BucketCount { limit: seconds(limit), count: counted(at) }).collect();
        let all = counted(LIMITS.len());
        WriterReadings {
            queued: self.0.queued.load(Ordering::Relaxed),
            failed: self.0.failed.load(Ordering::Relaxed),
            disk_failed: self.0.disk_failed.load(Ordering::Relaxed),
            commits: DurationCounts { up_to, all, seconds: seconds(self.0.micros.load(Ordering::Relaxed)) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, stamp};

    /// A clock on which each look is three milliseconds after the one before.
    fn clock() -> Box<MonotonicClock> {
        let looks = AtomicU64::new(0);
        Box::new(move || Duration::from_millis(3 * looks.fetch_add(1, Ordering::Relaxed)))
    }

    #[test]
    fn each_commit_is_counted_once_with_how_long_it_took_and_nothing_waits_in_the_end() {
        let (_dir, store) = fresh();
        store.write_blocking(stamp(), |tx| tx.set_fact("before", "the clock")).unwrap();
        store.time_commits(clock());
        for _ in 0..2 {
            store.write_blocking(stamp(), |tx| tx.set_fact("a", "1")).unwrap();
        }
        let refused: Result<(), StoreError> = store.write_blocking(stamp(), |_| Err(StoreError::closed()));
        assert!(refused.is_err());
        let WriterReadings { failed, commits, .. } = store.writer_readings();
        assert_eq!((commits.all, failed), (3, 0), "a change that fails alone is no failed commit");
        assert!((commits.seconds - 0.009).abs() < 1e-9, "{commits:?}");
        let counts: Vec<_> = commits.up_to.iter().map(|one| one.count).collect();
        assert_eq!(counts, [0, 0, 0, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
    }
}
