//! Work on a copy steps aside for whoever writes to the database meanwhile: it rests in proportion to what each bit of work took,
//! of processor and disk alike. While nobody writes it goes on without a rest.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::ports::Clock;
use crate::store::db::encryption::paths::beside;
use crate::store::db::online::pace::Pace;

/// While somebody writes to the database, what nobody waits for rests so many times as long as it works.
const NIGHT: u32 = 16;
/// As in the night, where a person waits for it: but letters and answers wait too.
pub const COMMAND: u32 = 12;
/// It rests after so much work: shorter than anybody notices, and long enough to be worth a rest.
const BIT: Duration = Duration::from_millis(4);
/// So long after the last change the database counts as in use.
const IN_USE: Duration = Duration::from_secs(1);
/// No rest is longer, however long the disk kept the work.
const LONGEST: Duration = Duration::from_secs(1);
/// How soon a stop is seen within a rest.
const LOOK: Duration = Duration::from_millis(50);

/// How a thread rests.
type Sleep = Box<dyn Fn(Duration) + Send + Sync>;

/// How fast one copy is made and proved.
pub struct CopyPace {
    /// Where the database keeps changes first: who writes is seen there, in whichever process.
    log: PathBuf,
    rests: u32,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    sleep: Sleep,
    seen: Mutex<Seen>,
}

/// What was seen at the last look.
struct Seen {
    /// When the last rest ended.
    rested: Duration,
    /// Length and time of the log.
    log: Option<(u64, i64, i64)>,
    /// When the log was seen to change.
    changed: Option<Duration>,
}

impl CopyPace {
    /// A pace that rests `rests` times as long as it worked while somebody writes to the database, until told to stop.
    #[must_use]
    pub fn beside(database: &Path, rests: u32, clock: Arc<dyn Clock>, stop: CancellationToken) -> Self {
        let log = beside(database, "-wal");
        let seen = Seen { rested: clock.monotonic(), log: state(&log), changed: None };
        Self { log, rests, clock, stop, sleep: Box::new(std::thread::sleep), seen: Mutex::new(seen) }
    }

    /// How long to rest now.
    fn due(&self, seen: &mut Seen, now: Duration) -> Duration {
        let log = state(&self.log);
        if log != seen.log {
            (seen.log, seen.changed) = (log, Some(now));
        }
        match seen.changed {
            Some(changed) if now.saturating_sub(changed) < IN_USE => {
                now.saturating_sub(seen.rested).saturating_mul(self.rests).min(LONGEST)
            }
            _ => Duration::ZERO,
        }
    }
}

/// The pace of what is done with copies in the night: nobody waits for it.
pub(in crate::daemon::backup) fn in_the_night(engine: &Engine, stop: &CancellationToken) -> Arc<dyn Pace> {
    let clock = Arc::clone(&engine.post.clock);
    Arc::new(CopyPace::beside(engine.clinic.store.path(), NIGHT, clock, stop.clone()))
}

impl Pace for CopyPace {
    fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn rest(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        if now.saturating_sub(seen.rested) < BIT {
            return;
        }
        let mut left = self.due(&mut seen, now);
        while left > Duration::ZERO && !self.is_stopped() {
            (self.sleep)(left.min(LOOK));
            left = left.saturating_sub(LOOK);
        }
        seen.rested = self.clock.monotonic();
    }
}

fn state(log: &Path) -> Option<(u64, i64, i64)> {
    log.metadata().ok().map(|file| (file.len(), file.mtime(), file.mtime_nsec()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::ManualClock;

    const MS: Duration = Duration::from_millis(1);

    /// A database beside which somebody may write, and how long its copy rested so far.
    struct Ground {
        dir: tempfile::TempDir,
        clock: Arc<ManualClock>,
        rested: Arc<Mutex<Duration>>,
        stop: CancellationToken,
    }

    impl Ground {
        fn new() -> Self {
            let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
            Self {
                dir: tempfile::tempdir().unwrap(),
                clock,
                rested: Arc::default(),
                stop: CancellationToken::new(),
            }
        }

        fn pace(&self) -> CopyPace {
            let database = self.dir.path().join("a.db");
            let mut pace = CopyPace::beside(&database, 10, Arc::clone(&self.clock) as _, self.stop.clone());
            let (clock, rested) = (Arc::clone(&self.clock), Arc::clone(&self.rested));
            pace.sleep = Box::new(move |span| {
                *rested.lock().unwrap() += span;
                clock.advance(span);
            });
            pace
        }

        fn write(&self) {
            let log = self.dir.path().join("a.db-wal");
            let length = log.metadata().map_or(0, |file| file.len());
            std::fs::write(&log, vec![0; usize::try_from(length).unwrap() + 1]).unwrap();
        }

        /// How long it rests after so much work.
        fn rest_after(&self, pace: &CopyPace, work: Duration) -> Duration {
            let before = *self.rested.lock().unwrap();
            self.clock.advance(work);
            pace.rest();
            *self.rested.lock().unwrap() - before
        }
    }

    #[test]
    fn work_rests_ten_times_as_long_while_somebody_writes_and_not_at_all_in_a_quiet_house() {
        let ground = Ground::new();
        let pace = ground.pace();
        assert_eq!(ground.rest_after(&pace, 20 * MS), Duration::ZERO);
        ground.write();
        assert_eq!(ground.rest_after(&pace, 20 * MS), 200 * MS);
        assert_eq!(ground.rest_after(&pace, MS), Duration::ZERO, "too little to rest after");
        assert_eq!(ground.rest_after(&pace, 5 * MS), 60 * MS, "the little is not forgotten");
        assert_eq!(ground.rest_after(&pace, 500 * MS), IN_USE, "never longer than a second");
        assert_eq!(ground.rest_after(&pace, 20 * MS), Duration::ZERO, "nobody has written for a second");
    }

    #[test]
    fn a_stop_is_seen_within_a_rest() {
        let ground = Ground::new();
        let mut pace = ground.pace();
        let stop = ground.stop.clone();
        let rests = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&rests);
        pace.sleep = Box::new(move |_| {
            *counted.lock().unwrap() += 1;
            stop.cancel();
        });
        ground.write();
        ground.clock.advance(80 * MS);
        pace.rest();
        assert!(pace.is_stopped());
        assert_eq!(*rests.lock().unwrap(), 1);
    }
}
