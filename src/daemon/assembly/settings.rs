//! What staff decided, as configuration reads it: beneath the operator's file.

use crate::config::file::fault::Fault;
use crate::config::origin::ConfigOrigin;
use crate::config::{Config, load};
use crate::daemon::assembly::engine::{self, Engine, EngineFault};
use crate::store::database::Store;
use crate::store::error::StoreError;

/// The operator's file above what counts in this database.
///
/// # Errors
/// [`EngineFault::Faults`] with every fault of both; the memory's.
pub fn config(store: &Store, origin: &ConfigOrigin) -> Result<Config, EngineFault> {
    let stored = store.read(|view| view.settings_in_force())?;
    load::config(origin.with(stored)).map_err(EngineFault::Faults)
}

/// Whether something counts that this engine does not go by, or the other way round; or somebody on the ladder went away or
/// came back since it was put together.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn are_stale(engine: &Engine) -> Result<bool, StoreError> {
    let stored = engine.clinic.store.read(|view| view.settings_in_force())?;
    let (alerts, today) = (&engine.config.alerts, engine::today(&engine.config, &engine.world));
    Ok(stored != engine.config.origin.settings || alerts.on(today) != alerts.on(engine.day))
}

/// An engine on the same database, file and places, by what counts now.
///
/// # Errors
/// [`EngineFault`]; the old one goes on then.
pub fn renewed(old: &Engine) -> Result<Engine, EngineFault> {
    let store = &old.clinic.store;
    let config = config(store, &old.config.origin)?;
    Engine::open(store, config, &old.sources, &old.world)
}

/// Faults in one line, for the log.
#[must_use]
pub fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
