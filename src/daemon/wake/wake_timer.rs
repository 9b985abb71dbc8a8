//! One timer on the soonest instant on record: whatever waits for an instant is woken at it, not at the next bell. It is set
//! anew after each commit of this process, when another process pokes, and when the clock jumps.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::loops::LoopHandles;
use crate::daemon::wake::clock_jump::JumpReceiver;
use crate::journey::delivery::next_due::{NextDue, next_due};
use crate::journey::deps::Deps;

/// The timer asks again after so long, whatever it found.
const LONGEST: Duration = Duration::from_secs(90);
/// Commits within so long are looked at together: a day's letters make thousands.
const GATHER: Duration = Duration::from_millis(100);

/// What the timer needs.
pub struct WakeTimer {
    /// The engine in force.
    pub engine: watch::Receiver<Arc<Engine>>,
    /// The loops that it wakes.
    pub handles: LoopHandles,
    /// The jumps of the clock.
    pub jumps: JumpReceiver,
    /// Ends the waiting for instants.
    pub stop: CancellationToken,
}

impl WakeTimer {
    /// Wakes each loop at its instants until stopped.
    pub async fn run(mut self) {
        let committed = self.engine.borrow().clinic.store.committed();
        let mut looked = LookedAt(self.engine.borrow().post.clock.now());
        loop {
            let engine = Arc::clone(&self.engine.borrow());
            let wait = looked.wake(&engine.clinic, engine.post.clock.now(), &self.handles);
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = self.jumps.next() => {
                    looked = LookedAt(engine.post.clock.now());
                    self.handles.ring();
                }
                () = tokio::time::sleep(wait) => {}
                () = either(&committed, &self.handles.timer) => {
                    if self.stop.run_until_cancelled(tokio::time::sleep(GATHER)).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
}

async fn either(one: &Notify, other: &Notify) {
    tokio::select! {
        () = one.notified() => {}
        () = other.notified() => {}
    }
}

/// Up to this instant everybody was woken for what waited for it.
struct LookedAt(Timestamp);

impl LookedAt {
    /// Wakes whoever has something to do now, and says how long to sleep.
    fn wake(&mut self, clinic: &Deps, now: Timestamp, handles: &LoopHandles) -> Duration {
        if now < self.0 {
            // Somebody set it back and the system did not tell.
            self.0 = now;
            handles.ring();
        }
        let found = next_due(clinic, self.0).and_then(|due| {
            if due.soonest().is_none_or(|at| at > now) {
                return Ok(due);
            }
            ring(due, now, handles);
            self.0 = now;
            next_due(clinic, now)
        });
        match found {
            Ok(due) => due.soonest().map_or(LONGEST, |at| left(now, at).min(LONGEST)),
            Err(fault) => {
                tracing::error!(%fault, "the next instant could not be asked for; again in a moment");
                LONGEST
            }
        }
    }
}

fn ring(due: NextDue, now: Timestamp, handles: &LoopHandles) {
    let all = [
        (due.plan, &handles.plan),
        (due.patients, &handles.patients),
        (due.alerts, &handles.alerts),
        (due.staff, &handles.staff),
        (due.calls, &handles.calls),
    ];
    let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    all.into_iter().filter(|(at, _)| is_due(*at)).for_each(|(_, handle)| handle.notify_one());
}

fn left(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::clock::{ManualClock, SystemEntropy};
    use crate::config::load;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::wake::clock_jump;
    use crate::journey::alert_policy::WakeSignals;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::transaction::{Stamp, Tx};
    use crate::store::error::StoreError;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn noon() -> Timestamp {
        "2027-03-14T12:00:00Z".parse().unwrap()
    }

    /// A clinic at noon with one alert that rings again at `rings`, and its clock.
    async fn clinic(rings: Timestamp) -> (tempfile::TempDir, Arc<ManualClock>, Engine) {
        let dir = tempfile::tempdir().unwrap();
        let (place, clock) = (dir.path().to_owned(), Arc::new(ManualClock::at(noon())));
        let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SystemEntropy) };
        let build = move || {
            let store = Store::open(&place.join("a.db"), OpenMode::Create).unwrap();
            let engine =
                Engine::open(&store, load::shipped(&place).unwrap(), &Sources::shipped(), &world).unwrap();
            let job = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
                let alert = crate::store::database::tests::an_alert(tx)?;
                let wait = format!(
                    "UPDATE alert SET next_notice_at = {} WHERE id = {}",
                    rings.as_millisecond(),
                    alert.0
                );
                crate::store::database::tests::sabotage(tx, &wait)
            };
            store.write_blocking(Stamp::daemon(noon()), job).unwrap();
            engine
        };
        let engine = tokio::task::spawn_blocking(build).await.unwrap();
        (dir, clock, engine)
    }

    /// Whether somebody rang; a ring that was heard is gone.
    async fn rang(bell: &Notify) -> bool {
        tokio::time::timeout(Duration::ZERO, bell.notified()).await.is_ok()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_waits_for_an_instant_is_woken_at_it_once_and_nobody_else() {
        let rings = noon() + HOUR;
        let (_dir, _clock, engine) = clinic(rings).await;
        let (handles, mut looked) = (LoopHandles::of(&WakeSignals::default()), LookedAt(noon()));
        let mut at = |now| looked.wake(&engine.clinic, now, &handles);
        assert_eq!(at(noon()), LONGEST, "far off: it asks again meanwhile");
        assert_eq!(at(rings - SignedDuration::from_secs(7)), Duration::from_secs(7));
        assert!(!rang(&handles.alerts).await);
        assert_eq!(at(rings), LONGEST);
        assert!(rang(&handles.alerts).await && !rang(&handles.plan).await && !rang(&handles.staff).await);
        at(rings + HOUR);
        assert!(!rang(&handles.alerts).await, "a row that still waits waits for something other than time");
        at(noon());
        for bell in handles.all() {
            assert!(rang(&bell).await, "the clock was set back");
        }
        assert_eq!(at(rings), LONGEST);
        assert!(rang(&handles.alerts).await, "its instant comes again");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn after_a_day_asleep_everybody_looks_at_once() {
        let (_dir, clock, engine) = clinic(noon() + HOUR).await;
        let handles = LoopHandles::of(&WakeSignals::default());
        let (tell, jumps) = clock_jump::pair();
        let (_set, engine) = watch::channel(Arc::new(engine));
        let stop = CancellationToken::new();
        let timer = WakeTimer { engine, handles: handles.clone(), jumps, stop: stop.clone() };
        let timer = tokio::spawn(timer.run());
        clock.advance(Duration::from_secs(24 * 3600));
        tell.tell();
        for bell in handles.all() {
            // The timer waits for its own bell too and may have taken that ring.
            if !Arc::ptr_eq(&bell, &handles.timer) {
                tokio::time::timeout(Duration::from_secs(20), bell.notified()).await.unwrap();
            }
        }
        stop.cancel();
        timer.await.unwrap();
    }
}
