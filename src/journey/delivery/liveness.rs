//! A sign of life of whoever carries letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// When work last moved on, and how many letters came back that cannot be put on record; a watchdog reads the first, people are
/// told of the second.
#[derive(Clone, Default)]
pub struct Liveness {
    /// In milliseconds of the clock that never jumps.
    moved_at: Arc<AtomicU64>,
    unrecorded: Arc<AtomicUsize>,
}

impl Liveness {
    /// How long ago it moved on.
    #[must_use]
    pub fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_millis(self.moved_at.load(Ordering::Relaxed)))
    }

    /// It moves on now.
    pub fn beat(&self, now: Duration) {
        self.moved_at.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many letters came back that cannot be put on record.
    #[must_use]
    pub fn unrecorded(&self) -> usize {
        self.unrecorded.load(Ordering::Relaxed)
    }

    /// So many letters came back that cannot be put on record, until another number is noted.
    pub fn note_unrecorded(&self, letters: usize) {
        self.unrecorded.store(letters, Ordering::Relaxed);
    }
}
