//! The loops: wait for a bell, take one turn, wait again. Each loop turns by itself, so that a slow mail server never
//! keeps reminders from falling due, and a queue of patients never keeps an alert waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use crate::journey::answers::Bells;
use crate::journey::deliver::{Delivered, Post, Readers, deliver};
use crate::journey::fall_due::fall_due;
use crate::journey::hold::{self, Reading};
use crate::journey::rescue::{Whose, rescue, resend};
use crate::journey::{StepError, alert, canary, cover, respond, status};

/// The net under the bells: a loop that no bell woke looks by itself after this long.
const SLOW_POLL: Duration = Duration::from_secs(90);
/// How often the last instant seen is written down, for the comparison at the next start.
const NOTE_CLOCK_EVERY: Duration = Duration::from_secs(600);

/// One bell per loop.
#[derive(Clone)]
pub struct Ropes {
    /// Lets things fall due.
    pub plan: Arc<Notify>,
    /// Carries letters to patients.
    pub patients: Arc<Notify>,
    /// Carries letters to staff.
    pub staff: Arc<Notify>,
}

impl Ropes {
    /// The ropes of a clinic: steps that leave something urgent pull two of them themselves.
    #[must_use]
    pub fn of(bells: &Bells) -> Self {
        Self { plan: Arc::default(), patients: Arc::clone(&bells.letters), staff: Arc::clone(&bells.alerts) }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Notify>> {
        vec![Arc::clone(&self.plan), Arc::clone(&self.patients), Arc::clone(&self.staff)]
    }

    /// Rings all of them.
    pub fn ring(&self) {
        self.all().iter().for_each(|rope| rope.notify_one());
    }
}

/// When the plan loop last turned, in milliseconds of the clock that never jumps; the watchdog reads it.
#[derive(Clone, Default)]
pub struct Pulse(Arc<AtomicU64>);

impl Pulse {
    /// How long ago the loop turned.
    #[must_use]
    pub fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }

    /// The loop turns now.
    pub fn beat(&self, now: Duration) {
        self.0.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// What a loop needs.
#[derive(Clone)]
pub struct Turns {
    /// The engine in force; replaced when the configuration is read again.
    pub engine: watch::Receiver<Arc<Engine>>,
    /// The bells.
    pub ropes: Ropes,
    /// Shown to the watchdog.
    pub pulse: Pulse,
    /// Cancelled once the letters a dead daemon left in hand are marked unknown. Nobody takes a letter in hand before:
    /// it would be marked with them, and go twice (P3).
    pub cleared: CancellationToken,
    /// Ends the loops after the turn in hand.
    pub stop: CancellationToken,
}

impl Turns {
    /// Lets things fall due until stopped.
    pub async fn plan(self) {
        let mut before: Option<Reading> = None;
        let mut noted = Duration::ZERO;
        loop {
            let engine = Arc::clone(&self.engine.borrow());
            let clock = &engine.post.clock;
            let reading = Reading { wall: clock.now(), monotonic: clock.monotonic() };
            self.pulse.beat(reading.monotonic);
            let turn = async {
                if !self.cleared.is_cancelled() {
                    let rescued = rescue(&engine.clinic, reading.wall, Whose::Everybodys).await?;
                    if rescued > 0 {
                        tracing::warn!(rescued, "letters that a dead daemon left in hand are marked unknown");
                    }
                    self.cleared.cancel();
                }
                if let Some(off) = before.and_then(|b| hold::jump(b, reading)) {
                    let reason = format!("The wall clock jumped by {} minutes.", off.as_mins());
                    hold::hold(&engine.clinic, reading.wall, reason).await?;
                }
                if before.is_none() {
                    hold::start(&engine.clinic, reading.wall).await?;
                }
                if before.is_none() || reading.monotonic.saturating_sub(noted) >= NOTE_CLOCK_EVERY {
                    hold::seen(&engine.clinic, reading.wall).await?;
                    noted = reading.monotonic;
                }
                plan(&engine).await
            };
            if let Err(fault) = turn.await {
                tracing::error!(%fault, "a turn of the plan loop failed; trying again");
            }
            before = Some(reading);
            self.ropes.patients.notify_one();
            self.ropes.staff.notify_one();
            if !self.bell(&self.ropes.plan).await {
                return;
            }
        }
    }

    /// Carries letters to patients until stopped.
    pub async fn carry(self) {
        while self.bell(&self.ropes.patients).await {
            let engine = Arc::clone(&self.engine.borrow());
            self.post(&engine, Readers::Patients).await;
        }
    }

    /// Lets alerts climb and carries letters to staff until stopped.
    pub async fn alert(self) {
        while self.bell(&self.ropes.staff).await {
            let engine = Arc::clone(&self.engine.borrow());
            let now = engine.post.clock.now();
            let raised = async {
                respond::judge_stored(&engine.clinic, now).await?;
                alert::escalate(&engine.clinic, now).await
            };
            match raised.await {
                Ok(0) => {}
                Ok(notices) => tracing::info!(notices, "alerts told"),
                Err(fault) => tracing::error!(%fault, "a turn of the alerts failed; trying again"),
            }
            tokio::join!(self.post(&engine, Readers::Staff), call(&engine, now));
        }
    }

    async fn post(&self, engine: &Engine, readers: Readers) {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => return,
            () = self.cleared.cancelled() => {}
        }
        let post = Post { readers, stop: self.stop.clone(), ..engine.post.clone() };
        match deliver(&engine.clinic, &post).await {
            Ok(done) if done != Delivered::default() => {
                let Delivered { sent, retry, failed, skipped, lapsed, unknown } = done;
                tracing::info!(sent, retry, failed, skipped, lapsed, unknown, "letters carried");
            }
            Ok(_) => {}
            Err(fault) => tracing::error!(%fault, "a turn of the post failed; trying again"),
        }
    }

    /// Waits for the bell, the slow poll, or the end; `false` at the end.
    async fn bell(&self, rope: &Notify) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = rope.notified() => true,
            () = tokio::time::sleep(SLOW_POLL) => true,
        }
    }
}

/// Makes the signed calls that are due.
async fn call(engine: &Engine, now: jiff::Timestamp) {
    if let Some(caller) = &engine.caller
        && let Err(fault) = caller.call_due(&engine.clinic, now).await
    {
        tracing::error!(%fault, "a turn of the calls failed; trying again");
    }
}

async fn plan(engine: &Engine) -> Result<(), StepError> {
    let now = engine.post.clock.now();
    let rescued = rescue(&engine.clinic, now, Whose::Overdue).await?;
    let resumed = status::end_pauses(&engine.clinic, now).await?;
    let resent = resend(&engine.clinic, now).await?;
    cover::check(&engine.clinic, now).await?;
    let fallen = fall_due(&engine.clinic, now).await?;
    canary::walk(&engine.clinic, now).await?;
    if fallen.due + fallen.lapsed > 0 || rescued + resumed + resent > 0 {
        tracing::info!(due = fallen.due, lapsed = fallen.lapsed, rescued, resumed, resent, "things fell due");
    }
    Ok(())
}
