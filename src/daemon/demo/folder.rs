//! The folder a demo is played in, its configuration, and what can go wrong there.

use crate::care::triage::sign_off::SignOff;
use crate::config::Config;
use crate::config::checklists::checklist;
use crate::config::file::fault::Fault;
use crate::config::load;
use crate::config::sections::checklists::JudgingMode;
use crate::config::sections::mail::Transport;
use crate::daemon::assembly::EngineFault;
use crate::journey::error::StepError;
use jiff::{Timestamp, ToSpan};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the demo could not be played.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    /// The system refused a file or directory.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The rooms could not be put together.
    #[error(transparent)]
    Engine(#[from] EngineFault),
    /// A step of the journey failed.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<Vec<Fault>> for DemoFault {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Engine(EngineFault::Faults(faults))
    }
}

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
    pub listeners: Option<(SocketAddr, SocketAddr)>,
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

/// Its password. The demo listens on this machine only, and its patients are made up.
pub const PASSWORD: &str = "made-up clinic";

/// The sign-in name of the demo's staff account.
pub const STAFF: &str = "demo";

/// The address that does not exist.
pub const DEAD: &str = "nobody-here@patients.example";

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
    config.checklists.sign_off = Some(SignOff {
        name: "nobody: a sample for the demo".to_owned(),
        role: "no clinician".to_owned(),
        date: place.until.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(25.months()),
        version: checklist::shipped()?.checklist.version,
    });
    Ok(config)
}
