//! What staff decided, as configuration reads it: beneath the operator's file.

use crate::care::settings::own_wording::OwnWording;
use crate::care::settings::setting::SettingInForce;
use crate::config::file::fault::Fault;
use crate::config::origin::ConfigOrigin;
use crate::config::{Config, load};
use crate::daemon::assembly::engine::{self, Engine, EngineFault};
use crate::store::database::Store;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// The operator's file above what counts in this database.
///
/// # Errors
/// [`EngineFault::Faults`] with every fault of both; the memory's.
pub fn config(store: &Store, origin: &ConfigOrigin) -> Result<Config, EngineFault> {
    let (stored, worded) = store.read(decided)?;
    load::config(origin.with(stored).worded(worded)).map_err(EngineFault::Faults)
}

/// What staff decided and worded, as it counts now.
fn decided(view: &View<'_>) -> Result<(Vec<SettingInForce>, Vec<OwnWording>), StoreError> {
    Ok((view.settings_in_force()?, view.own_wordings_in_force()?))
}

/// Whether something counts that this engine does not go by, or the other way round; or somebody on the ladder went away or
/// came back since it was put together.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn are_stale(engine: &Engine) -> Result<bool, StoreError> {
    let (stored, worded) = engine.clinic.store.read(decided)?;
    let (alerts, today) = (&engine.config.alerts, engine::today(&engine.config, &engine.world));
    let origin = &engine.config.origin;
    let is_decided_anew = stored != origin.settings || worded != origin.wordings;
    Ok(is_decided_anew || alerts.on(today) != alerts.on(engine.day))
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

/// Faults, each with its hint, one below the other: for the log, and for whoever asked for a reload.
#[must_use]
pub fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
