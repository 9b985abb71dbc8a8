//! What systemd is told: READY, RELOADING, STOPPING, and a watchdog fed only while the database answers and the loops
//! turn. Without systemd all of it is silence.

use std::sync::Arc;

use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::loops::LoopLiveness;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

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
pub async fn watchdog(engine: watch::Receiver<Arc<Engine>>, liveness: LoopLiveness, stop: CancellationToken) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return stop.cancelled().await };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(limit / 2) => {}
        }
        let now = Arc::clone(&engine.borrow());
        match well(&now, &liveness).await {
            Ok(()) => tell(&[NotifyState::Watchdog]),
            Err(reason) => tracing::error!(%reason, "the watchdog is not fed"),
        }
    }
}

/// Whether the database takes a change and the loops turn.
///
/// # Errors
/// What is wrong, for people.
pub async fn well(engine: &Engine, liveness: &LoopLiveness) -> Result<(), String> {
    if let Some((name, age)) = liveness.stuck(engine.post.clock.monotonic()) {
        return Err(format!("the {name} loop has not moved on for {} s", age.as_secs()));
    }
    // An empty change takes the whole way through the writer and its COMMIT, yet writes nothing to disk.
    let nothing = |_: &mut Tx<'_>| -> Result<(), StoreError> { Ok(()) };
    engine
        .clinic
        .store
        .write(Stamp::daemon(engine.post.clock.now()), nothing)
        .await
        .map_err(|f| f.to_string())
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(state) {
        tracing::warn!(%fault, "systemd was not told");
    }
}
