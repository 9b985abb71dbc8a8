//! `serve`: hangs the bells, starts the loops and the pages, obeys signals, and finishes the letters in hand at the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::bells::Bells;
use super::reload::{Reload, renew};
use super::systemd::HealthCheck;
use super::{heartbeat, listeners, systemd};
use crate::care::time::zone;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::backup::nightly;
use crate::daemon::commit_probe::CommitProbe;
use crate::daemon::listeners::{Listeners, WebServers};
use crate::daemon::loops::{LoopHandles, LoopLiveness, LoopTasks};
use crate::daemon::wake_socket::{WakeRequest, WakeSocket};
use crate::journey::delivery::send_one::LAST_WORDS;

/// How long letters in hand may take at the end, and the record of them; what is not done then is marked unknown at the next
/// start. systemd waits longer (`TimeoutStopSec`).
const GRACE: Duration = LAST_WORDS.saturating_add(Duration::from_secs(4));

/// Why the daemon could not start, or ended unasked.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The bells could not be hung.
    #[error("the scheduler did not start: {0}")]
    Bells(#[from] super::bells::BellFault),
    /// The pages cannot be shown.
    #[error(transparent)]
    Pages(#[from] listeners::PagesFault),
    /// A loop is gone: without it the daemon would look well and not do its work.
    #[error("a loop of the daemon ended before it was told to: {0}")]
    Gone(String),
}

/// Runs the daemon until SIGTERM or SIGINT. The caller holds the database's lock.
///
/// # Errors
/// [`ServeFault`] when it cannot start, or when a loop is gone; whatever else fails is tried again.
pub async fn serve(engine: Engine, reload: Arc<Reload>, signals: Signals) -> Result<(), ServeFault> {
    let listeners = Listeners::open(engine.config.web.listen, engine.config.web.console_listen).await?;
    serve_at(listeners, engine, reload, signals).await
}

/// The same on listeners that are bound already.
///
/// # Errors
/// As [`serve`].
pub async fn serve_at(
    listeners: Listeners,
    engine: Engine,
    reload: Arc<Reload>,
    mut signals: Signals,
) -> Result<(), ServeFault> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let poked = WakeSocket::bind(engine.clinic.store.path())?;
    let (furnish, app) = watch::channel(listeners::app(&engine)?);
    let (set, current) = watch::channel(Arc::new(engine));
    let stop = CancellationToken::new();
    let handles = LoopHandles::of(&current.borrow().clinic.bells);
    let bells = Bells::hang(handles.all()).await?;
    let mut loops = start(&current, &handles, &stop);
    let counted = listeners::count(&mut loops.all, &stop);
    let ops = listeners::ops(current.clone(), loops.health.clone(), counted);
    WebServers { listeners, app, ops }.serve(&mut loops.all, &stop);

    systemd::ready("keeping promises");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), zones = zone::version(), "ready");
    let ended = loop {
        tokio::select! {
            request = poked.heard() => match request {
                WakeRequest::Work => handles.ring(),
                WakeRequest::Reload(from) => {
                    let outcome = renew((&set, &furnish), &reload, &handles).await;
                    poked.answer(&from, &outcome);
                }
            },
            _ = term.recv() => break Ok(()),
            _ = int.recv() => break Ok(()),
            // Nobody waits for an answer; the log has said it.
            _ = signals.hup.recv() => drop(renew((&set, &furnish), &reload, &handles).await),
            Some(gone) = loops.all.join_next() => break Err(why(gone)),
        }
    };
    if let Err(fault) = &ended {
        tracing::error!(%fault, "the daemon ends, so that whoever watches it starts it anew");
    }
    systemd::stopping();
    tracing::info!("stopping: finishing the letters in hand");
    stop.cancel();
    bells.take_down().await;
    let finish = async { while loops.all.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("a letter in hand was left; it is marked unknown at the next start");
        loops.all.abort_all();
    }
    tracing::info!("stopped");
    ended
}

/// What turns, and its signs of life.
struct Loops {
    all: JoinSet<()>,
    health: HealthCheck,
}

fn start(current: &watch::Receiver<Arc<Engine>>, handles: &LoopHandles, stop: &CancellationToken) -> Loops {
    let health = HealthCheck { liveness: LoopLiveness::default(), probe: CommitProbe::default() };
    let mut loops = Loops { all: JoinSet::new(), health: health.clone() };
    let (all, HealthCheck { liveness, probe }) = (&mut loops.all, health.clone());
    let now = current.borrow().post.clock.monotonic();
    liveness.beat(now);
    // Opening the database has just written to it.
    probe.note(now, Ok(()));
    let turns = LoopTasks {
        engine: current.clone(),
        handles: handles.clone(),
        liveness,
        cleared: CancellationToken::new(),
        stop: stop.clone(),
    };
    all.spawn(turns.clone().plan());
    all.spawn(turns.clone().carry());
    all.spawn(turns.clone().alert());
    all.spawn(turns.clone().tell());
    all.spawn(turns.call());
    all.spawn(systemd::watchdog(current.clone(), health.clone(), stop.clone()));
    all.spawn(probe.run(current.clone(), stop.clone()));
    all.spawn(nightly::copies(current.clone(), stop.clone()));
    all.spawn(heartbeat::beat(current.clone(), health, stop.clone()));
    loops
}

fn why(gone: Result<(), JoinError>) -> ServeFault {
    ServeFault::Gone(gone.err().map_or_else(|| "it returned".to_owned(), |fault| fault.to_string()))
}

/// What may be said to the daemon while it lives. Heard before anything is built: SIGHUP is obeyed once it runs, SIGUSR1
/// and SIGUSR2 say nothing to us, and none of them kills.
pub struct Signals {
    hup: Signal,
    _deaf: [Signal; 2],
}

impl Signals {
    /// Begins to hear; inside the runtime.
    ///
    /// # Errors
    /// The system's.
    pub fn hear() -> std::io::Result<Self> {
        let deaf = [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?];
        Ok(Self { hup: signal(SignalKind::hangup())?, _deaf: deaf })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use jiff::Timestamp;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::config::load;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::reload::ReloadFault;
    use crate::ports::Clock;
    use crate::store::database::{OpenMode, Store};

    /// A clock that breaks everyone who asks it but the first, who starts the loops.
    #[derive(Default)]
    struct Trap(AtomicBool);

    impl Clock for Trap {
        fn now(&self) -> Timestamp {
            SystemClock.now()
        }
        fn monotonic(&self) -> Duration {
            assert!(!self.0.swap(true, Ordering::Relaxed), "a loop that panics");
            SystemClock.monotonic()
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_loop_that_is_gone_ends_the_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let world = World { clock: Arc::new(Trap::default()), entropy: Arc::new(SystemEntropy) };
        let build = move || {
            let store = Store::open(&place.join("a.db"), OpenMode::Create).unwrap();
            Engine::open(&store, load::shipped(&place).unwrap(), &Sources::shipped(), &world).unwrap()
        };
        let engine = tokio::task::spawn_blocking(build).await.unwrap();
        let free = "127.0.0.1:0".parse().unwrap();
        let listeners = Listeners::open(free, free).await.unwrap();
        let reload = Arc::new(|| Err(ReloadFault::Faulty(String::new())));
        let daemon = serve_at(listeners, engine, reload, Signals::hear().unwrap());
        let ended = tokio::time::timeout(Duration::from_secs(20), daemon).await.unwrap();
        assert!(ended.unwrap_err().to_string().contains("a loop that panics"));
    }
}
