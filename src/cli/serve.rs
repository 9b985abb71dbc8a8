//! `aftercare serve`: the daemon.

use std::sync::Arc;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::config::{Sources, load};
use crate::daemon::engine::{Engine, EngineFault};
use crate::daemon::lock::Lock;
use crate::daemon::pages::PagesFault;
use crate::daemon::serve::{self, ServeFault};
use crate::store::Open;

/// Run the daemon
///
/// Keeps every promise of every plan until it is told to stop: SIGTERM finishes the letters in hand, SIGHUP reads
/// configuration and protocols again and keeps the old ones if the new are faulty.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare serve --config /etc/aftercare/aftercare.toml --log json")]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// [`Failure`]: 75 when another daemon has the database, 78 when the configuration is faulty.
pub fn run(_args: &Args, ctx: &Context) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?.clone(), ctx.sources()?);
    super::identity::take_on(&config.database.path)?;
    ctx.start_logs();
    let _lock = Lock::take(&config.database.path)?;
    let store = ctx.store(Open::Create)?;
    let world = ctx.world();
    let engine = Engine::open(&store, config, &sources, &world)?;
    let path = ctx.config_path.clone();
    let reload = move || {
        let config = load::file(&path).map_err(|faults| list(&faults))?;
        let sources = Sources::of(&config.paths);
        Engine::open(&store, config, &sources, &world).map_err(|fault| match fault {
            EngineFault::Faults(faults) => list(&faults),
            other => other.to_string(),
        })
    };
    let runtime = ctx.runtime()?;
    runtime.block_on(serve::serve(engine, Arc::new(reload))).map_err(refused)?;
    // A page that still waits for a slow client must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    Ok(())
}

fn refused(fault: ServeFault) -> Failure {
    match fault {
        ServeFault::Pages(PagesFault::Engine(fault)) => fault.into(),
        ServeFault::Pages(fault @ PagesFault::Listen { .. }) => {
            Failure::new(Exit::Unavailable, fault.to_string())
                .hint("end what listens there (`ss -ltnp` shows it), or give the key another port")
        }
        fault => Failure::new(Exit::Unavailable, fault.to_string()),
    }
}

fn list(faults: &[crate::config::Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
