//! The loops: wait for a bell, take one turn, wait again. Each loop turns by itself, so that a slow mail server never
//! keeps reminders from falling due, and a queue of patients never keeps an alert waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::pass::{Planned, alerts, open_lanes, plan};
use crate::daemon::assembly::engine::Engine;
use crate::daemon::monitoring::loop_liveness::{DaemonLoop, LoopLiveness, LoopNews};
use crate::exchange::webhook::lanes::Lanes;
use crate::journey::alert_policy::WakeSignals;
use crate::journey::delivery::deliver::deliver;
use crate::journey::delivery::failure::recover_leases::{LostLeases, recover_leases};
use crate::journey::delivery::failure::server_refusal;
use crate::journey::delivery::post::{Delivered, Post, Recipients};
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::failed_loops;

/// The net under the bells: a loop that no bell woke looks by itself after this long.
const SLOW_POLL: Duration = Duration::from_secs(90);

/// One bell per loop.
#[derive(Clone)]
pub struct LoopHandles {
    /// Lets things fall due.
    pub plan: Arc<Notify>,
    /// Carries letters to patients.
    pub patients: Arc<Notify>,
    /// Lets open alerts climb the ladder.
    pub alerts: Arc<Notify>,
    /// Carries letters to staff.
    pub staff: Arc<Notify>,
    /// Makes the signed calls of webhooks.
    pub calls: Arc<Notify>,
    /// Makes the copy of the night.
    pub copies: Arc<Notify>,
    /// Waits for the next instant on record.
    pub timer: Arc<Notify>,
}

impl LoopHandles {
    /// The bells of a clinic: steps that leave something urgent ring three of them themselves.
    #[must_use]
    pub fn of(bells: &WakeSignals) -> Self {
        let (patients, alerts) = (Arc::clone(&bells.letters), Arc::clone(&bells.alerts));
        let [staff, calls, copies, timer] = [(); 4].map(|()| Arc::<Notify>::default());
        Self { plan: Arc::clone(&bells.plan), patients, alerts, staff, calls, copies, timer }
    }

    /// The handles of all loops.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Notify>> {
        let Self { plan, patients, alerts, staff, calls, copies, timer } = self;
        [plan, patients, alerts, staff, calls, copies, timer].map(Arc::clone).to_vec()
    }

    /// Rings all of them.
    pub fn ring(&self) {
        self.all().iter().for_each(|handle| handle.notify_one());
    }
}

/// What a loop needs.
#[derive(Clone)]
pub struct LoopTasks {
    /// The engine in force; replaced when the configuration is read again.
    pub engine: watch::Receiver<Arc<Engine>>,
    /// What wakes each of the loops.
    pub handles: LoopHandles,
    /// When each loop last moved on; by it the watchdog is fed.
    pub liveness: LoopLiveness,
    /// Cancelled once the letters a dead daemon left in hand are marked unknown. Nobody takes a letter in hand before:
    /// it would be marked with them, and go twice (P3).
    pub cleared: CancellationToken,
    /// Ends the loops after the turn in hand.
    pub stop: CancellationToken,
}

impl LoopTasks {
    /// Lets things fall due until stopped.
    pub async fn plan(self) {
        loop {
            let engine = self.engine();
            self.liveness.plan.beat(engine.post.clock.awake());
            let turn = self.turn(&engine).await;
            let is_news = self.note(&engine, DaemonLoop::Plan, &turn).await;
            if let Err(fault) = turn {
                if is_news {
                    tracing::error!(%fault, "a turn of the plan loop failed; trying again");
                }
                if is_overtaken(&fault) {
                    return;
                }
            }
            self.handles.patients.notify_one();
            self.handles.alerts.notify_one();
            if !self.bell(&self.handles.plan).await {
                return;
            }
        }
    }

    async fn turn(&self, engine: &Engine) -> Result<(), StepError> {
        let (clinic, post) = (&engine.clinic, &engine.post);
        let clock = post.watch.look(clinic, &*post.clock).await?;
        if !self.cleared.is_cancelled() {
            let recovered = recover_leases(clinic, clock, LostLeases::Everybodys).await?;
            if recovered > 0 {
                tracing::warn!(recovered, "letters that a dead daemon left in hand are marked unknown");
            }
            // Nothing else may stand before the first pass.
            self.cleared.cancel();
            // Whoever started us may have mended what the server refused us for.
            if let Err(fault) = server_refusal::ask_at_once(clinic, clock.now()).await {
                tracing::error!(%fault, "a letter could not be told to ask the mail server again");
            }
        }
        post.watch.note(clinic, clock, &*post.clock).await?;
        let recovered = recover_leases(clinic, clock, LostLeases::Overdue).await?;
        let Planned { fallen, resumed, resent } = plan(clinic, clock).await?;
        if fallen.due + fallen.lapsed > 0 || recovered + resumed + resent > 0 {
            tracing::info!(
                due = fallen.due,
                lapsed = fallen.lapsed,
                recovered,
                resumed,
                resent,
                "things fell due"
            );
        }
        Ok(())
    }

    /// Carries letters to patients until stopped.
    pub async fn carry(self) {
        let mut passes = JoinSet::new();
        while self.bell_within(&self.handles.patients, patience(self.rest_left())).await {
            self.post(Recipients::Patients, &mut passes).await;
        }
        while passes.join_next().await.is_some() {}
    }

    /// Judges what was stored and lets alerts climb until stopped: neither a mute mail server nor a slow receiver of calls
    /// stands before the next rung.
    pub async fn alert(self) {
        while self.bell(&self.handles.alerts).await {
            let engine = self.engine();
            self.liveness.alerts.beat(engine.post.clock.awake());
            let turn = alerts(&engine.clinic, engine.post.clock.now()).await;
            let is_news = self.note(&engine, DaemonLoop::Alerts, &turn).await;
            match turn {
                Ok(0) => {}
                Ok(notices) => tracing::info!(notices, "alerts told"),
                Err(fault) if is_news => tracing::error!(%fault, "a turn of the alerts failed; trying again"),
                Err(_) => {}
            }
            self.handles.staff.notify_one();
            self.handles.calls.notify_one();
        }
    }

    /// Carries letters to staff until stopped.
    pub async fn tell(self) {
        let mut passes = JoinSet::new();
        while self.bell(&self.handles.staff).await {
            self.post(Recipients::Staff, &mut passes).await;
        }
        while passes.join_next().await.is_some() {}
    }

    /// Makes signed calls until stopped: a receiver that does not answer keeps no other waiting,
    /// and is tried again at the next bell.
    pub async fn call(self) {
        let mut lanes = Lanes::default();
        loop {
            let rang = tokio::select! {
                rang = self.bell(&self.handles.calls) => rang,
                true = lanes.ended() => {
                    self.open(&mut lanes).await;
                    continue;
                }
            };
            if !rang {
                break;
            }
            lanes.forgive();
            self.open(&mut lanes).await;
        }
        while lanes.ended().await {}
    }

    async fn open(&self, lanes: &mut Lanes) {
        let engine = self.engine();
        self.liveness.calls.beat(engine.post.clock.awake());
        let turn = open_lanes(&engine, lanes, &self.stop);
        self.note(&engine, DaemonLoop::Calls, &turn).await;
    }

    /// Begins a pass, and waits until it has ended or other settings are in force. Then it carries the letters that are on the
    /// wire to their end by itself, however long their server thinks, and the next pass begins beside it (P3).
    async fn post(&self, readers: Recipients, passes: &mut JoinSet<()>) {
        let liveness = self.liveness.of(readers);
        liveness.beat(self.engine().post.clock.awake());
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return,
            () = self.cleared.cancelled() => {}
        }
        let engine = self.engine();
        let superseded = engine.post.superseded.clone();
        let begun = passes.spawn(self.clone().pass(engine, readers)).id();
        loop {
            tokio::select! {
                biased;
                Some(ended) = passes.join_next_with_id() => match ended {
                    Ok((id, ())) if id == begun => return,
                    Ok(_) => {}
                    // A pass that breaks breaks its loop.
                    Err(fault) => std::panic::resume_unwind(fault.into_panic()),
                },
                () = superseded.cancelled() => return,
            }
        }
    }

    /// One pass, and who hears of what came of it.
    async fn pass(self, engine: Arc<Engine>, readers: Recipients) {
        let liveness = self.liveness.of(readers).clone();
        let post = Post { readers, liveness, stop: self.stop.clone(), ..engine.post.clone() };
        let turn = deliver(&engine.clinic, &post).await;
        let is_news = self.note(&engine, readers.into(), &turn).await;
        let done = turn.unwrap_or_else(|fault| {
            if is_news {
                tracing::error!(%fault, "a turn of the post failed; trying again");
            }
            Delivered::default()
        });
        let Delivered { sent, retry, failed, skipped, lapsed, unknown } = done;
        // Why letters are put off is told once; that they are still, at each try, would fill the log of an outage.
        if (Delivered { retry: 0, ..done }) != Delivered::default() {
            tracing::info!(sent, retry, failed, skipped, lapsed, unknown, "letters carried");
        }
        if readers == Recipients::Staff {
            if failed > 0 {
                // A rung that was not reached passes its alert on at once.
                self.handles.alerts.notify_one();
            }
            // A letter that our server refuses may have led to a call.
            self.handles.calls.notify_one();
        }
    }

    /// A turn is over. A loop whose every turn fails moves on like any other, so it is named where people look (P18). Gives whether
    /// its fault is news for the log.
    async fn note<T>(&self, engine: &Engine, which: DaemonLoop, turn: &Result<T, StepError>) -> bool {
        let (clinic, clock) = (&engine.clinic, &*engine.post.clock);
        let done = turn.as_ref().map(|_| ()).map_err(ToString::to_string);
        let LoopNews { is_news, on_record } = self.liveness.note_turn(which, done, clock);
        let Some(found) = on_record else { return is_news };
        match failed_loops::note(clinic, clock.now(), which.word(), found.in_vain_since()).await {
            Ok(()) => self.liveness.recorded(which, found),
            Err(fault) => tracing::error!(%fault, "how a loop fares could not be written down"),
        }
        is_news
    }

    /// The engine in force now.
    fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine.borrow())
    }

    /// What is left of the rest that the server asked for.
    fn rest_left(&self) -> Option<Duration> {
        let engine = self.engine();
        engine.post.rate_limit.rest_left(engine.post.clock.monotonic())
    }

    /// Waits for the bell, the slow poll, or the end; `false` at the end.
    async fn bell(&self, handle: &Notify) -> bool {
        self.bell_within(handle, SLOW_POLL).await
    }

    async fn bell_within(&self, handle: &Notify, limit: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = handle.notified() => true,
            () = tokio::time::sleep(limit) => true,
        }
    }
}

/// A newer version has changed the schema: this one ends, so that whoever watches it starts the one that is installed.
fn is_overtaken(fault: &StepError) -> bool {
    matches!(fault, StepError::Store(fault) if fault.is_newer())
}

/// How long the loop of letters to patients waits unasked: a rest of a minute that ended at the next bell only lasted two.
fn patience(rest: Option<Duration>) -> Duration {
    rest.map_or(SLOW_POLL, |left| left.min(SLOW_POLL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, SeededEntropy};
    use crate::config::load;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::monitoring::commit_probe::CommitProbe;
    use crate::daemon::systemd::HealthCheck;
    use crate::ports::Clock;
    use crate::store::database::tests::sabotage;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::transaction::Stamp;

    #[test]
    fn a_rest_lasts_as_long_as_it_says_and_not_until_the_next_bell() {
        let second = Duration::from_secs(1);
        for (rest, wait) in
            [(None, SLOW_POLL), (Some(second * 60), second * 60), (Some(second * 1800), SLOW_POLL)]
        {
            assert_eq!(patience(rest), wait, "{rest:?}");
        }
    }

    /// The loops of a new clinic, and its clock.
    fn loops(place: &std::path::Path) -> (LoopTasks, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at("2027-01-15T09:00:00Z".parse().unwrap()));
        let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(1)) };
        let store = Store::open(&place.join("a.db"), OpenMode::Create).unwrap();
        let engine =
            Engine::open(&store, load::shipped(place).unwrap(), &Sources::shipped(), &world).unwrap();
        let handles = LoopHandles::of(&engine.clinic.bells);
        let tasks = LoopTasks {
            engine: watch::channel(Arc::new(engine)).1,
            handles,
            liveness: LoopLiveness::default(),
            cleared: CancellationToken::new(),
            stop: CancellationToken::new(),
        };
        (tasks, clock)
    }

    /// Somebody, or a half-done restore, takes a table away that every letter asks for, or puts it back.
    fn rename(tasks: &LoopTasks, from: &str, to: &str) {
        let (engine, sql) = (tasks.engine(), format!("ALTER TABLE {from} RENAME TO {to}"));
        let stamp = Stamp::daemon(engine.post.clock.now());
        tokio::task::block_in_place(|| {
            engine.clinic.store.write_blocking(stamp, move |tx| sabotage(tx, &sql)).unwrap();
        });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn letters_leave_after_a_start_although_nobody_can_tell_whether_the_server_refuses_us() {
        let dir = tempfile::tempdir().unwrap();
        let (tasks, _) = tokio::task::block_in_place(|| loops(dir.path()));
        rename(&tasks, "mail_refusal", "gone");
        drop(tasks.turn(&tasks.engine()).await);
        assert!(tasks.cleared.is_cancelled(), "no pass would ever begin");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_loop_whose_every_turn_fails_is_named_to_all_who_ask_until_one_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let (tasks, clock) = tokio::task::block_in_place(|| loops(dir.path()));
        let health = HealthCheck { liveness: tasks.liveness.clone(), probe: CommitProbe::default() };
        let on_record = || {
            let all = tasks.engine().clinic.store.read(failed_loops::on_record).unwrap();
            all.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        rename(&tasks, "mail_refusal", "gone");
        for _ in 0..7 {
            clock.advance(Duration::from_secs(60));
            tasks.liveness.beat(clock.awake());
            health.probe.note(clock.awake(), Ok(()));
            tasks.clone().pass(tasks.engine(), Recipients::Staff).await;
        }
        let told = health.is_well(clock.awake()).unwrap_err();
        assert!(told.contains("7 turns of the staff loop") && told.contains("mail_refusal"), "{told}");
        assert_eq!(
            health.check(clock.awake()),
            Ok(()),
            "a start anew would mend nothing: the watchdog is fed"
        );
        assert_eq!(on_record(), ["staff"]);
        rename(&tasks, "gone", "mail_refusal");
        tasks.clone().pass(tasks.engine(), Recipients::Staff).await;
        assert_eq!((health.is_well(clock.awake()), on_record()), (Ok(()), Vec::new()));
    }
}
