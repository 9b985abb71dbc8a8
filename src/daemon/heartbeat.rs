//! The heartbeat: while the daemon is well and the canary's chain holds, a watcher outside is called; silence alarms it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::systemd::HealthCheck;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::wake::clock_jump::JumpReceiver;
use crate::exchange::heartbeat::HeartbeatClient;
use crate::journey::operations::canary;

/// How often the watcher hears of us.
const EVERY: Duration = Duration::from_secs(300);

/// Calls the watcher until stopped. It is no part of the plan loop, so that a slow watcher delays nobody's letter, and so
/// that a stuck loop falls silent. After a jump of the clock it calls at once: the watcher has heard nothing while the machine slept.
pub async fn beat(
    engine: watch::Receiver<Arc<Engine>>,
    health: HealthCheck,
    mut jumps: JumpReceiver,
    stop: CancellationToken,
) {
    let (heart, mut missed) = (HeartbeatClient::default(), false);
    loop {
        let now = Arc::clone(&engine.borrow());
        let beaten = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            beaten = once(&now, &health, &heart) => beaten,
        };
        match &beaten {
            Err(reason) if !missed => tracing::warn!(%reason, "the heartbeat stops"),
            Ok(()) if missed => tracing::info!("the heartbeat goes on"),
            _ => {}
        }
        missed = beaten.is_err();
        tokio::select! {
            () = stop.cancelled() => return,
            () = jumps.next() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn once(engine: &Engine, health: &HealthCheck, heart: &HeartbeatClient) -> Result<(), String> {
    let Some(url) = &engine.config.heartbeat.url else { return Ok(()) };
    health.is_well(engine.post.clock.awake())?;
    match engine.clinic.store.read(|view| view.fact(canary::BROKEN)) {
        Ok(None) => heart.beat(url).await,
        Ok(Some(reason)) => Err(format!("the canary's walk broke: {reason}")),
        Err(fault) => Err(fault.to_string()),
    }
}
