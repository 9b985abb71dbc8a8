//! What systemd is told: READY, RELOADING, STOPPING, and a watchdog fed only while the database answers and the loops
//! turn. Without systemd all of it is silence.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::commit_probe::CommitProbe;
use crate::daemon::loops::LoopLiveness;

/// The daemon can be used.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is being read again; `ready` ends it.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(since) => tell(&[NotifyState::Reloading, since]),
        Err(fault) => tracing::warn!(%fault, "systemd was not told of the reload"),
    }
}

/// The letters in hand are being finished.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Feeds the watchdog until stopped, but only while the daemon is well.
pub async fn watchdog(engine: watch::Receiver<Arc<Engine>>, health: HealthCheck, stop: CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return stop.cancelled().await };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(limit / 2) => {}
        }
        let now = Arc::clone(&engine.borrow());
        // Asked anew, not read from the last try: a watchdog that is fed means that the database takes a change now.
        health.probe.once(&now).await;
        match health.check(now.post.clock.monotonic()) {
            Ok(()) => tell(&[NotifyState::Watchdog]),
            Err(reason) => tracing::error!(%reason, "the watchdog is not fed"),
        }
    }
}

/// What is asked whether the daemon can do its work; cheap to clone.
#[derive(Clone)]
pub struct HealthCheck {
    /// When each loop last moved on.
    pub liveness: LoopLiveness,
    /// Whether the database took a change lately.
    pub probe: CommitProbe,
}

impl HealthCheck {
    /// Whether the loops move on and the database took a change lately (P18). Waits for nothing.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn check(&self, monotonic: Duration) -> Result<(), String> {
        if let Some((name, age)) = self.liveness.stuck(monotonic) {
            return Err(format!("the {name} loop has not moved on for {} s", age.as_secs()));
        }
        self.probe.is_able(monotonic)
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(state) {
        tracing::warn!(%fault, "systemd was not told");
    }
}
