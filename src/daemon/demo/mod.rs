//! The demo: a sample clinic and synthetic patients live two years under a simulated clock, through the code that runs for
//! real: a real SMTP dialogue with a post office on loopback, real files, a real database.

pub mod cast;
mod story;
mod replies;
pub mod tally;
pub mod live;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{Timestamp, ToSpan};

use crate::clock::{ManualClock, SeededEntropy};
use crate::config::checklists::checklist;
pub(in crate::daemon::demo) use crate::config::sections::types::{
    JudgingMode, SignOffSection, SmtpSection, TlsMode,
};
use crate::config::{Config, Fault, Sources, Transport, load};
use crate::daemon::assembly::{Engine, EngineFault, World};
use crate::daemon::rehearsal::SimulatedClinic;
use crate::journey::StepError;
use crate::journey::sending_policy::zone;
use crate::mail::demo_server::Postbox;
use crate::store::{OpenMode, Store};

/// The address that does not exist.
pub const DEAD: &str = "nobody-here@patients.example";

/// The sign-in name of the demo's staff account.
pub const STAFF: &str = "demo";

/// Its password. The demo listens on this machine only, and its patients are made up.
pub const PASSWORD: &str = "made-up clinic";

/// Where a demo is played.
#[derive(Debug, Clone)]
pub struct DemoFolder {
    /// Holds the database and the letters.
    pub directory: PathBuf,
    /// Seed of all chance.
    pub seed: u64,
    /// The last instant of the story.
    pub until: Timestamp,
    /// Where the pages are going to stand: patients' and staff's.
    pub doors: Option<(SocketAddr, SocketAddr)>,
}

impl DemoFolder {
    /// Where the letters lie.
    #[must_use]
    pub fn letters(&self) -> PathBuf {
        self.directory.join("letters")
    }

    /// Where the database lies.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.directory.join("demo.db")
    }
}

/// Why the demo could not be played.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// The system's.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The rooms could not be put together.
    #[error(transparent)]
    Engine(#[from] EngineFault),
    /// A step failed.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<Vec<Fault>> for DemoFault {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Engine(EngineFault::Faults(faults))
    }
}

/// The sample clinic's decisions.
///
/// # Errors
/// [`DemoFault`] when the shipped configuration is faulty, which a test excludes.
pub fn config(place: &DemoFolder) -> Result<Config, DemoFault> {
    let mut config = load::shipped(&place.directory)?;
    config.database.path = place.database();
    config.mail.transport = Transport::Spool;
    config.mail.spool_dir = place.letters();
    config.sending.max_per_minute = 0;
    config.learn.leaflets = ["warning-signs", "late-effects", "bone-health"].map(str::to_owned).into();
    config.learn.centres = true;
    config.checklists.mode = JudgingMode::Triage;
    config.checklists.sign_off = Some(SignOffSection {
        name: "nobody: a sample for the demo".to_owned(),
        role: "no clinician".to_owned(),
        date: place.until.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(25.months()),
        version: checklist::shipped()?.checklist.version,
    });
    Ok(config)
}

/// Plays the story. `shown` is told how many days of it are over. Gives also the secret of the staff account.
///
/// # Errors
/// [`DemoFault`].
pub async fn play(place: &DemoFolder, shown: impl FnMut(u64)) -> Result<(Engine, String), DemoFault> {
    let postbox = Postbox::open(&place.letters(), BTreeSet::from([DEAD.to_owned()])).await?;
    let mut config = config(place)?;
    config.mail.transport = Transport::Smtp(through(&postbox));
    if let Some((public, console)) = place.doors {
        config.web.public_url = format!("http://{public}");
        (config.web.listen, config.web.console_listen) = (public, console);
    }
    let start = beginning(place.until, &config)?;
    let clock = Arc::new(ManualClock::at(start));
    let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(place.seed)) };
    let engine = open(&place.database(), config, &world).await?;
    let secret = crate::daemon::demo::live::account(&engine, start).await?;
    let stage = SimulatedClinic { clinic: &engine.clinic, post: &engine.post, clock: &clock };
    story::Story::new(&engine, place.seed).tell(&stage, place.until, shown).await?;
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

fn through(postbox: &Postbox) -> SmtpSection {
    SmtpSection {
        host: postbox.address().ip().to_string(),
        port: postbox.address().port(),
        tls: TlsMode::None,
        hello: None,
        username: None,
        auth: crate::config::sections::types::AuthKind::Plain,
        password_credential: None,
        ca_file: None,
        connections: 2,
        timeout: Duration::from_secs(10),
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
    Ok(crate::care::time::calendar::instant(today.saturating_sub(24.months()), morning, &here))
}
