//! `serve`: hangs the bells, starts the loops and the pages, obeys signals, and finishes the letters in hand at the end.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::bells::Bells;
use super::engine::Engine;
use super::heartbeat;
use super::nightly;
use super::pages::{self, Doors};
use super::poke::Bell;
use super::systemd;
use super::turns::{Pulse, Ropes, Turns};
use crate::web::Rooms;

/// How long letters in hand may take at the end; what is not done then is marked unknown at the next start.
const GRACE: Duration = Duration::from_secs(9);

/// Reads the configuration again and builds a new engine on the same database; the error is for the log.
pub type Reload = dyn Fn() -> Result<Engine, String> + Send + Sync;

/// Why the daemon could not start.
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
    Pages(#[from] pages::PagesFault),
}

/// Runs the daemon until SIGTERM or SIGINT. The caller holds the database's lock.
///
/// # Errors
/// [`ServeFault`] when it cannot start; once it runs, it goes on.
pub async fn serve(engine: Engine, reload: Arc<Reload>) -> Result<(), ServeFault> {
    let doors = Doors::open(engine.config.web.listen, engine.config.web.console_listen).await?;
    serve_at(doors, engine, reload).await
}

/// The same behind doors that are open already.
///
/// # Errors
/// As [`serve`].
pub async fn serve_at(doors: Doors, engine: Engine, reload: Arc<Reload>) -> Result<(), ServeFault> {
    let mut signals = Signals::hear()?;
    let poked = Bell::bind(engine.clinic.store.path())?;
    let (furnish, rooms) = watch::channel(pages::rooms(&engine)?);
    let (set, current) = watch::channel(Arc::new(engine));
    let stop = CancellationToken::new();
    let (ropes, pulse) = (Ropes::of(&current.borrow().clinic.bells), Pulse::default());
    pulse.beat(current.borrow().post.clock.monotonic());
    let bells = Bells::hang(ropes.all()).await?;

    let turns = Turns {
        engine: current.clone(),
        ropes: ropes.clone(),
        pulse: pulse.clone(),
        cleared: CancellationToken::new(),
        stop: stop.clone(),
    };
    let mut loops = JoinSet::new();
    loops.spawn(turns.clone().plan());
    loops.spawn(turns.clone().carry());
    loops.spawn(turns.alert());
    loops.spawn(systemd::watchdog(current.clone(), pulse.clone(), stop.clone()));
    loops.spawn(nightly::copies(current.clone(), stop.clone()));
    loops.spawn(heartbeat::beat(current.clone(), pulse.clone(), stop.clone()));
    let counted = pages::count(&mut loops, &stop);
    let ops = pages::ops(current.clone(), pulse.clone(), counted);
    pages::serve(&mut loops, doors, (rooms, ops), &stop);

    systemd::ready("keeping promises");
    tracing::info!(version = env!("CARGO_PKG_VERSION"), zones = crate::care::zone::version(), "ready");
    loop {
        tokio::select! {
            () = poked.heard() => ropes.ring(),
            _ = signals.term.recv() => break,
            _ = signals.int.recv() => break,
            _ = signals.hup.recv() => renew((&set, &furnish), &reload, &ropes).await,
        }
    }
    systemd::stopping();
    tracing::info!("stopping: finishing the letters in hand");
    stop.cancel();
    bells.take_down().await;
    let finish = async { while loops.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("a letter in hand was left; it is marked unknown at the next start");
        loops.abort_all();
    }
    tracing::info!("stopped");
    Ok(())
}

/// Where the engine and the rooms in force are kept.
type InForce<'a> = (&'a watch::Sender<Arc<Engine>>, &'a watch::Sender<Arc<Rooms>>);

async fn renew(in_force: InForce<'_>, reload: &Arc<Reload>, ropes: &Ropes) {
    systemd::reloading();
    let (set, furnish) = in_force;
    // The loops listen to the bells they began with.
    let (read, bells) = (Arc::clone(reload), set.borrow().clinic.bells.clone());
    let build = move || -> Result<(Engine, Arc<Rooms>), String> {
        let mut engine = read()?;
        engine.clinic.bells = bells;
        let rooms = pages::rooms(&engine).map_err(|fault| fault.to_string())?;
        Ok((engine, rooms))
    };
    let renewed = tokio::task::spawn_blocking(build).await;
    let status = match renewed.map_err(|fault| fault.to_string()).and_then(|result| result) {
        Ok((engine, rooms)) => {
            set.send_replace(Arc::new(engine));
            furnish.send_replace(rooms);
            ropes.ring();
            tracing::info!("configuration and protocols read again");
            "keeping promises"
        }
        Err(faults) => {
            tracing::error!(%faults, "the new configuration is faulty; the old one stays in force");
            "keeping promises under the old configuration: the new one is faulty"
        }
    };
    systemd::ready(status);
}

struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn hear() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }
}
