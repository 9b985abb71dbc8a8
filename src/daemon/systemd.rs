//! What systemd is told: READY, RELOADING, STOPPING, and a watchdog fed only while the database answers and the loops
//! turn. And what it hands over: listening sockets that stay open over a restart. Without systemd all of it is silence.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::monitoring::commit_probe::CommitProbe;
use crate::daemon::monitoring::loop_liveness::LoopLiveness;

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
        match health.check(now.post.clock.awake()) {
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
    /// Whether the loops move on and the database took a change lately (P18), by a clock that stands still while the machine
    /// sleeps: [`crate::ports::Clock::awake`]. Waits for nothing.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn check(&self, awake: Duration) -> Result<(), String> {
        if let Some((name, age)) = self.liveness.stuck(awake) {
            return Err(format!("the {name} loop has not moved on for {} s", age.as_secs()));
        }
        self.probe.is_able(awake)
    }

    /// [`HealthCheck::check`], and whether the loops turn to some use, the fate of letters is on record and the database's file is
    /// whole. A start anew would mend none of it, and would end letters that are on the wire, so the watchdog does not ask for them.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn is_well(&self, awake: Duration) -> Result<(), String> {
        let found = self.check(awake).and_then(|()| self.liveness.is_of_use());
        let found = found.and_then(|()| self.probe.is_whole());
        match (found, self.liveness.is_recorded()) {
            (Err(reason), Err(letters)) => Err(format!("{reason}; {letters}")),
            (found, recorded) => found.and(recorded),
        }
    }
}

/// Listening sockets that systemd holds (`aftercare.socket`): whoever asks for a page while the daemon restarts is not refused
/// but waits for the next one.
#[derive(Debug, Default)]
pub struct InheritedSockets(Vec<TcpListener>);

impl InheritedSockets {
    /// Takes what was handed over (sd_listen_fds(3)). It clears the environment variables of it, so it must come before anybody
    /// else reads the environment on another thread.
    #[must_use]
    pub fn take() -> Self {
        let mut handed = ListenFd::from_env();
        let taken = (0..handed.len()).filter_map(|place| {
            handed.take_tcp_listener(place).unwrap_or_else(|error| {
                tracing::warn!(place, %error, "systemd hands over something that is no TCP socket; it is left alone");
                None
            })
        });
        Self(taken.collect())
    }

    /// The one that listens at this address, if there is one.
    pub(super) fn at(&mut self, address: SocketAddr) -> Option<TcpListener> {
        let place = self.0.iter().position(|socket| socket.local_addr().is_ok_and(|at| at == address))?;
        Some(self.0.swap_remove(place))
    }

    /// The addresses of those that are left.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().filter_map(|socket| socket.local_addr().ok()).collect()
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(state) {
        tracing::warn!(%fault, "systemd was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_cannot_be_put_on_record_are_named_beside_what_keeps_them_from_it() {
        let health = HealthCheck { liveness: LoopLiveness::default(), probe: CommitProbe::default() };
        let now = Duration::from_secs(1);
        assert_eq!(health.is_well(now), Ok(()));
        health.liveness.patients.note_unrecorded(3);
        let told = health.is_well(now).unwrap_err();
        assert!(told.starts_with("what became of 3 letters cannot be put on record"), "{told}");
        health.probe.note(now, Err("the disk is full".to_owned()));
        let told = health.is_well(now).unwrap_err();
        assert!(told.starts_with("no change can be committed: the disk is full; what became of 3"), "{told}");
        assert!(health.check(now).is_err_and(|told| !told.contains("letters")), "a start mends none of it");
        health.liveness.patients.note_unrecorded(0);
        health.probe.note(now, Ok(()));
        assert_eq!(health.is_well(now), Ok(()));
    }

    #[test]
    fn a_socket_is_taken_over_by_the_address_it_listens_at() {
        let bound = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (public, stray) = (bound(), bound());
        let (wanted, unwanted) = (public.local_addr().unwrap(), stray.local_addr().unwrap());
        let mut inherited = InheritedSockets(vec![stray, public]);
        assert_eq!(inherited.at(wanted).unwrap().local_addr().unwrap(), wanted);
        assert!(inherited.at(wanted).is_none(), "it is taken once");
        assert_eq!(inherited.addresses(), [unwanted]);
    }
}
