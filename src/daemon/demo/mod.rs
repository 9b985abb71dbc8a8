//! The demo: a sample clinic and synthetic patients live two years under a simulated clock, through the code that runs for
//! real: a real SMTP dialogue with a post office on loopback, real files, a real database.

pub mod cast;
mod story;
mod replies;
pub mod summary;
pub mod live;
pub mod folder;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};

use crate::care::time::calendar;
use crate::clock::{ManualClock, SeededEntropy};
use crate::config::Config;
use crate::config::sections::mail::Transport;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::config::sources::Sources;
use crate::daemon::assembly::engine::{Engine, EngineFault, World};
use crate::daemon::demo::folder::{DEAD, DemoFault, DemoFolder, config};
use crate::daemon::rehearsal::SimulatedClinic;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::zone;
use crate::mail::demo_server::DemoServer;
use crate::store::database::{OpenMode, Store};

/// Plays the story. `shown` is told how many days of it are over. Gives also the secret of the staff account.
///
/// # Errors
/// [`DemoFault`].
pub async fn play(place: &DemoFolder, shown: impl FnMut(u64)) -> Result<(Engine, String), DemoFault> {
    let postbox = DemoServer::open(&place.letters(), BTreeSet::from([DEAD.to_owned()])).await?;
    std::fs::write(place.config(), folder::text(place)?)?;
    let mut config = config(place)?;
    config.mail.transport = Transport::Smtp(through(&postbox));
    let start = beginning(place.until, &config)?;
    let clock = Arc::new(ManualClock::at(start));
    let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(place.seed)) };
    let engine = open(&place.database(), config, &world).await?;
    let secret = crate::daemon::demo::live::account(&engine, start).await?;
    let simulated = SimulatedClinic { clinic: &engine.clinic, post: &engine.post, clock: &clock };
    story::Story::new(&engine, place.seed).tell(&simulated, place.until, shown).await?;
    Ok((engine, secret))
}

/// Opening blocks on the writer, so it happens off the runtime's threads.
async fn open(database: &Path, config: Config, world: &World) -> Result<Engine, DemoFault> {
    let (database, world) = (database.to_owned(), world.clone());
    let opened = tokio::task::spawn_blocking(move || -> Result<Engine, EngineFault> {
        let store = Store::open(&database, OpenMode::Create)?;
        Engine::open(&store, config, &Sources::shipped(), &world)
    });
    Ok(opened.await.map_err(std::io::Error::other)??)
}

fn through(postbox: &DemoServer) -> Smtp {
    let address = postbox.address();
    Smtp {
        connections: 2,
        timeout: Duration::from_secs(10),
        ..Smtp::new(&address.ip().to_string(), address.port(), Tls::None)
    }
}

/// The story's first instant: two years before the end, at seven in the morning of the clinic.
///
/// # Errors
/// [`StepError`] when the clinic's zone is not known.
pub fn beginning(until: Timestamp, config: &Config) -> Result<Timestamp, StepError> {
    let here = zone(&config.clinic.time_zone)?;
    let today = here.to_datetime(until).date();
    let morning = jiff::civil::time(7, 0, 0, 0);
    Ok(calendar::instant(today.saturating_sub(24.months()), morning, &here))
}
