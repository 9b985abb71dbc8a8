//! `aftercare serve`: the daemon.

use std::path::Path;
use std::sync::Arc;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, unmade};
use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::cli::operate::prove::place;
use crate::cli::run_as;
use crate::config::sources::Sources;
use crate::config::{Config, load};
use crate::daemon::assembly::engine::{Engine, EngineFault};
use crate::daemon::assembly::{open_secrets, settings};
use crate::daemon::backup::restore;
use crate::daemon::files::rewrite_traces;
use crate::daemon::listeners::PagesFault;
use crate::daemon::lock::Lock;
use crate::daemon::reload::keeps;
use crate::daemon::serve::{self, Given, ServeFault, Signals};
use crate::daemon::systemd::InheritedSockets;
use crate::store::database::OpenMode;

/// Run the daemon until it is told to stop
///
/// Keeps every promise of every plan: SIGTERM finishes the letters in hand, SIGHUP reads
/// configuration and protocols again and keeps the old ones if the new are faulty.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare serve --config /etc/aftercare/aftercare.toml --log json")]
pub struct ServeArgs {}

/// Holds the lock, opens or makes the database, and serves until told to stop.
///
/// # Errors
/// [`Failure`]: 75 when another daemon has the database, 78 when the configuration is faulty.
pub fn run(_args: &ServeArgs, ctx: &Context) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?.clone(), ctx.sources()?);
    run_as::take_on(&config.database.path)?;
    ctx.start_logs();
    // Before any thread is started: it changes the environment.
    let sockets = InheritedSockets::take();
    let runtime = ctx.runtime()?;
    let signals = runtime.block_on(async { Signals::hear() })?;
    let lock = Lock::take(&config.database.path)?;
    let store = ctx.store_under(&lock, OpenMode::Create)?;
    rewrite_traces::clear(&config.database.path, &lock)?;
    restore::clear_traces(&config.database.path);
    let world = ctx.world();
    let config = settings::config(&store, &config.origin)?;
    open_secrets::tell(&config);
    let engine = Engine::open(&store, config.clone(), &sources, &world)?;
    let path = ctx.config_path.clone();
    let reload = move || {
        let origin = load::origin(&path).map_err(EngineFault::Faults)?;
        let new = settings::config(&store, &origin)?;
        keeps(&config, &new)?;
        open_secrets::tell(&new);
        places_fit(&path, &new)?;
        let sources = Sources::of(&new.paths);
        Ok(Engine::open(&store, new, &sources, &world)?)
    };
    let served = runtime.block_on(serve::serve(engine, Given { reload: Arc::new(reload), signals, sockets }));
    // However it ended: neither a page that waits for a slow client nor a thread at work on a disk may keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    served.map_err(refused)
}

/// Refuses what `check` calls a fault of the directories that a reload may name. One that does not answer now may well be right.
fn places_fit(path: &Path, new: &Config) -> Result<(), EngineFault> {
    let context = CheckContext::of(path, new);
    let faults = place::named(&context).into_iter().filter_map(|found| match found {
        CheckFinding::Fault(fault) => Some(fault),
        CheckFinding::Away(_) | CheckFinding::Remark(_) => None,
    });
    let faults: Vec<_> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(EngineFault::Faults(faults)) }
}

fn refused(fault: ServeFault) -> Failure {
    match fault {
        ServeFault::Pages(PagesFault::Engine(fault)) => fault.into(),
        ServeFault::Pages(fault @ PagesFault::Listen { .. }) => {
            Failure::new(Exit::Unavailable, fault.to_string())
                .hint("end what listens there (`ss -ltnp` shows it), or give the key another port")
        }
        ServeFault::Socket(_, ref error) if unmade(error) == Exit::Unavailable => {
            Failure::unavailable(fault.to_string())
                .hint("look at the database's disk (`df -h`, `df -i`, the kernel's log); the service tries again by itself")
        }
        fault @ ServeFault::Socket(..) => Failure::new(Exit::BadConfiguration, fault.to_string())
            .hint("make the database's directory writable for the service's user: `chown aftercare: DIRECTORY`, `chmod 700 DIRECTORY`"),
        ServeFault::Database(fault) => Failure::new(Exit::Unavailable, fault.to_string()).hint(fault.hint()),
        fault @ ServeFault::Gone(_) => Failure::new(Exit::Unavailable, fault.to_string())
            .hint("start it again (systemd does so by itself) and report what the log says before this"),
        fault => Failure::new(Exit::Unavailable, fault.to_string()),
    }
}
