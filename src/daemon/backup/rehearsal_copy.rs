//! A clinic to rehearse with: a copy of the real database and its key, a clock that is told the time, a spool. Neither
//! the database nor a mail server nor anybody's pager is touched.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::care::guards::volume::UnusualVolume;
use crate::clock::{KernelClock, ManualClock, SystemEntropy};
use crate::config::Config;
use crate::config::sections::mail::Transport;
use crate::config::sources::Sources;
use crate::daemon::assembly::engine::{Engine, EngineFault, World};
use crate::daemon::files::key_file::KeyFault;
use crate::journey::alerts::cover;
use crate::mail::spool::{Durability, Spool};
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::paths::key_path;
use crate::store::db::online::online_copy;
use crate::store::db::online::pace::NoPace;

/// Longer than any rehearsal.
const NEVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The copy, ready to be lived forward.
pub struct Copy {
    /// Everything the steps need.
    pub engine: Engine,
    /// The clock it lives by; moved by hand.
    pub clock: Arc<ManualClock>,
}

/// Where the copy's database lies.
#[must_use]
pub fn database(directory: &Path) -> PathBuf {
    directory.join("rehearsal.db")
}

/// Where its letters lie.
#[must_use]
pub fn letters(directory: &Path) -> PathBuf {
    directory.join("letters")
}

/// Copies the clinic into `directory`; its clock shows `start`.
///
/// # Errors
/// [`EngineFault`]; the original is as it was.
pub fn copy(
    config: &Config,
    sources: &Sources,
    directory: &Path,
    start: Timestamp,
) -> Result<Copy, EngineFault> {
    let (original, copied) = (&config.database.path, database(directory));
    online_copy::copy(original, &copied, &NoPace)?;
    copy_key(original, &copied)?;
    let clock = Arc::new(ManualClock::at(start));
    // The time of a rehearsal is right because it is said so.
    clock.vouch(KernelClock::Yes);
    let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SystemEntropy) };
    let store = Store::open(&copied, OpenMode::Existing)?;
    let mut engine = Engine::open(&store, alone(config, directory), sources, &world)?;
    engine.post.courier = Arc::new(Spool::new(&letters(directory), Durability::Relaxed));
    // What leaves is what the daemon would send: without cover no letter asks for a form.
    cover::settle(&engine.clinic, start)?;
    quieten(&mut engine);
    Ok(Copy { engine, clock })
}

/// The clinic's decisions without every way out.
fn alone(config: &Config, directory: &Path) -> Config {
    let mut config = config.clone();
    config.database.path = database(directory);
    config.mail.transport = Transport::Spool;
    config.mail.spool_dir = letters(directory);
    // What leaves for nobody is signed by nobody.
    config.mail.dkim = None;
    config.sending.max_per_minute = 0;
    // Nobody is there to agree.
    config.sending.unusual_volume = UnusualVolume::Leaves;
    config.alerts.webhook = None;
    config.alerts.repeat_every = NEVER;
    config.alerts.ladder.iter_mut().for_each(|rung| rung.webhook = None);
    config.heartbeat.url = None;
    config
}

/// Nobody acknowledges anything in a rehearsal: probes of staff would only fill the spool, and cover that was proved would be
/// lost on the way. It stays as it stands at the start, as the count of what is to come takes it. An alert that stands open
/// climbs its ladder once and is not repeated.
fn quieten(engine: &mut Engine) {
    // The engine is new: nobody shares it yet.
    if let Some(care) = Arc::get_mut(&mut engine.clinic.care) {
        care.proof = None;
        care.cover_stands = true;
        care.canary = None;
    }
}

/// With the same key, the links in rehearsed letters look as they will.
fn copy_key(original: &Path, copied: &Path) -> Result<(), EngineFault> {
    let from = key_path(original);
    if !from.exists() {
        return Ok(());
    }
    // `fs::copy` keeps the mode: the owner's alone.
    std::fs::copy(&from, key_path(copied)).map(drop).map_err(|error| KeyFault::Unreadable(from, error).into())
}
