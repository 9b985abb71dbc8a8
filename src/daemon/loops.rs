//! The loops: wait for a bell, take one turn, wait again. Each loop turns by itself, so that a slow mail server never
//! keeps reminders from falling due, and a queue of patients never keeps an alert waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::pass::{Planned, alerts, open_lanes, plan};
use crate::daemon::assembly::engine::Engine;
use crate::daemon::assembly::sending_settings::LEASE;
use crate::daemon::monitoring::loop_fault::LoopFaults;
use crate::exchange::webhook::lanes::Lanes;
use crate::journey::alert_policy::WakeSignals;
use crate::journey::delivery::deliver::deliver;
use crate::journey::delivery::failure::recover_leases::{LostLeases, recover_leases};
use crate::journey::delivery::failure::server_refusal;
use crate::journey::delivery::liveness::Liveness;
use crate::journey::delivery::post::{Delivered, Post, Recipients};
use crate::journey::errors::step::StepError;

/// The net under the bells: a loop that no bell woke looks by itself after this long.
const SLOW_POLL: Duration = Duration::from_secs(90);
/// The plan loop has at most a batch of work a turn; silent for this long it is stuck. A loop that carries letters moves on
/// with every letter that comes back, which no letter takes longer for than its lease.
const STUCK: Duration = Duration::from_secs(300);

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

/// When each loop last moved on.
#[derive(Clone, Default)]
pub struct LoopLiveness {
    /// Of the loop that lets things fall due.
    pub plan: Liveness,
    /// Of the loop that carries letters to patients.
    pub patients: Liveness,
    /// Of the loop that lets alerts climb.
    pub alerts: Liveness,
    /// Of the loop that carries letters to staff.
    pub staff: Liveness,
    /// Of the loop that makes signed calls.
    pub calls: Liveness,
}

impl LoopLiveness {
    /// All move on now.
    pub fn beat(&self, now: Duration) {
        let all = [&self.plan, &self.patients, &self.alerts, &self.staff, &self.calls];
        all.iter().for_each(|liveness| liveness.beat(now));
    }

    /// Of the loop that carries letters to those.
    fn of(&self, readers: Recipients) -> &Liveness {
        if readers == Recipients::Staff { &self.staff } else { &self.patients }
    }

    /// The loop that has not moved on for too long, and for how long it has not.
    #[must_use]
    pub fn stuck(&self, now: Duration) -> Option<(&'static str, Duration)> {
        let all = [
            ("plan", &self.plan, STUCK),
            ("alerts", &self.alerts, STUCK),
            ("patients", &self.patients, LEASE),
            ("staff", &self.staff, LEASE),
            ("calls", &self.calls, LEASE),
        ];
        let aged = all.map(|(name, liveness, limit)| (name, liveness.age(now), limit));
        aged.into_iter().find(|(_, age, limit)| age > limit).map(|(name, age, _)| (name, age))
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
    /// What keeps which loop from its work, as far as the log has said.
    pub faults: LoopFaults,
    /// Ends the loops after the turn in hand.
    pub stop: CancellationToken,
}

impl LoopTasks {
    /// Lets things fall due until stopped.
    pub async fn plan(self) {
        loop {
            let engine = self.engine();
            self.liveness.plan.beat(engine.post.clock.awake());
            match self.turn(&engine).await {
                Ok(()) => self.faults.settle("plan"),
                Err(fault) => {
                    if self.faults.is_news("plan", &fault) {
                        tracing::error!(%fault, "a turn of the plan loop failed; trying again");
                    }
                    if is_overtaken(&fault) {
                        return;
                    }
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
            // Whoever started us may have mended what the server refused us for.
            server_refusal::ask_at_once(clinic, clock.now()).await?;
            self.cleared.cancel();
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
            match alerts(&engine.clinic, engine.post.clock.now()).await {
                Ok(notices) => {
                    self.faults.settle("alerts");
                    if notices > 0 {
                        tracing::info!(notices, "alerts told");
                    }
                }
                Err(fault) if self.faults.is_news("alerts", &fault) => {
                    tracing::error!(%fault, "a turn of the alerts failed; trying again");
                }
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
                    self.open(&mut lanes);
                    continue;
                }
            };
            if !rang {
                break;
            }
            lanes.forgive();
            self.open(&mut lanes);
        }
        while lanes.ended().await {}
    }

    fn open(&self, lanes: &mut Lanes) {
        let engine = self.engine();
        self.liveness.calls.beat(engine.post.clock.awake());
        open_lanes(&engine, lanes, &self.stop);
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
        let of = if readers == Recipients::Staff { "staff" } else { "patients" };
        let done = deliver(&engine.clinic, &post).await.inspect(|_| self.faults.settle(of));
        let done = done.unwrap_or_else(|fault| {
            if self.faults.is_news(of, &fault) {
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

    #[test]
    fn a_rest_lasts_as_long_as_it_says_and_not_until_the_next_bell() {
        let second = Duration::from_secs(1);
        for (rest, wait) in
            [(None, SLOW_POLL), (Some(second * 60), second * 60), (Some(second * 1800), SLOW_POLL)]
        {
            assert_eq!(patience(rest), wait, "{rest:?}");
        }
    }

    #[test]
    fn a_loop_that_does_not_move_on_is_named_and_one_that_works_long_is_not() {
        let (liveness, minute) = (LoopLiveness::default(), Duration::from_secs(60));
        liveness.beat(minute);
        assert_eq!(liveness.stuck(minute * 6), None);
        assert_eq!(liveness.stuck(minute * 7), Some(("plan", minute * 6)));
        [&liveness.plan, &liveness.alerts, &liveness.calls]
            .iter()
            .for_each(|liveness| liveness.beat(minute * 62));
        liveness.patients.beat(minute * 20);
        assert_eq!(liveness.stuck(minute * 62), Some(("staff", minute * 61)));
        liveness.staff.beat(minute * 62);
        assert_eq!(liveness.stuck(minute * 62), None, "it carries letters to a slow server");
    }
}
