//! What every command is given: the global options, and the things it may ask for.

use std::cell::OnceCell;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use super::exit::Failure;
use super::identity;
use crate::clock::SystemClock;
use crate::config::{Config, Sources, load};
use crate::daemon::poke;
use crate::ports::Clock;
use crate::store::{Open, Stamp, Store};
use crate::telemetry::{self, LogStyle};

/// The global options and what follows from them.
pub struct Context {
    /// Where the configuration is read from.
    pub config_path: PathBuf,
    /// One JSON document on stdout instead of words.
    pub json: bool,
    /// How logs are written.
    pub log: LogStyle,
    actor: String,
    config: OnceCell<Config>,
}

impl Context {
    /// A context of these global options.
    #[must_use]
    pub fn new(config_path: PathBuf, json: bool, log: LogStyle) -> Self {
        Self { config_path, json, log, actor: identity::actor(), config: OnceCell::new() }
    }

    /// The configuration, read at the first call.
    ///
    /// # Errors
    /// Exit 78 with every fault.
    pub fn config(&self) -> Result<&Config, Failure> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = load::file(&self.config_path).map_err(Failure::bad_configuration)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The protocols, checklists, letters, leaflets and centres in force.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn sources(&self) -> Result<Sources, Failure> {
        self.config().map(|config| Sources::of(&config.paths))
    }

    /// The database. As root, this takes on its owner's identity first, so call it before anything starts a thread.
    ///
    /// # Errors
    /// As [`Context::config`], and whatever keeps the database from being opened.
    pub fn store(&self, how: Open) -> Result<Store, Failure> {
        let path = &self.config()?.database.path;
        identity::take_on(path)?;
        Ok(Store::open(path, how)?)
    }

    /// Tells the daemon that something changed.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn changed(&self) -> Result<(), Failure> {
        poke::ring(&self.config()?.database.path);
        Ok(())
    }

    /// The stamp of a change made by this command now.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { at: SystemClock.now(), actor: self.actor.clone() }
    }

    /// A runtime; build it only after [`Context::store`].
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn runtime(&self) -> Result<Runtime, Failure> {
        Ok(Builder::new_multi_thread().enable_all().build()?)
    }

    /// Starts logging; for commands that run the journey.
    pub fn start_logs(&self) {
        telemetry::start(self.log);
    }

    /// Talks to the person: on stderr, so that stdout stays for what scripts read.
    pub fn say(&self, line: &str) {
        // Nobody listening is no reason to stop.
        drop(writeln!(std::io::stderr().lock(), "{line}"));
    }

    /// Shows the result on stdout: the document as JSON with `--json`, the words otherwise.
    ///
    /// # Errors
    /// The result cannot be written.
    pub fn show<T: Serialize>(
        &self,
        document: &T,
        words: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, document).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            words(&mut out)?;
        }
        Ok(out.flush()?)
    }
}
