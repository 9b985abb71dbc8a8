//! What every command is given: the global options, and the things it may ask for.

use std::cell::OnceCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use super::exit::Failure;
use super::run_as;
use super::{database_access, database_key};
use crate::care::actor::Actor;
use crate::clock::{SystemClock, SystemEntropy};
use crate::config::origin::{ConfigOrigin, DatabasePlace};
use crate::config::sections::database::Database;
use crate::config::sources::Sources;
use crate::config::{Config, credential, load};
use crate::daemon::assembly::engine::{self, PublishedProtocol, World};
use crate::daemon::files::key_file;
use crate::daemon::files::missing_database::{is_none_lost, not_vanished};
use crate::daemon::lock::Lock;
use crate::daemon::wake_socket;
use crate::journey::deps::Deps;
use crate::ports::Clock;
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::disk_mode::is_on_read_only_disk;
use crate::store::db::encryption::state;
use crate::store::db::health;
use crate::store::db::transaction::Stamp;
use crate::store::db::unread::Unread;
use crate::store::{own_wordings, settings as stored};
use crate::telemetry::{self, LogStyle};

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The configuration file that the command goes by
    #[arg(long, global = true, value_name = "FILE", env = "AFTERCARE_CONFIG", default_value = load::DEFAULT)]
    pub config: PathBuf,
    /// One JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// How logs are written: for people, as JSON, or to the journal (auto: the journal when systemd runs us)
    #[arg(long, global = true, value_name = "STYLE", default_value = "auto", value_parser = LogStyle::WORDS)]
    pub log: String,
}

/// The global options and what follows from them.
pub struct Context {
    /// Where the configuration is read from.
    pub config_path: PathBuf,
    /// One JSON document on stdout instead of words.
    pub json: bool,
    /// How logs are written.
    pub log: LogStyle,
    actor: Actor,
    config: OnceCell<Config>,
    unread: OnceCell<Unread>,
}

impl Context {
    /// A context of these global options.
    #[must_use]
    pub fn new(globals: Globals) -> Self {
        Self {
            config_path: globals.config,
            json: globals.json,
            log: LogStyle::parse(&globals.log).unwrap_or(LogStyle::Auto),
            actor: run_as::actor(),
            config: OnceCell::new(),
            unread: OnceCell::new(),
        }
    }

    /// The configuration, read at the first call.
    ///
    /// # Errors
    /// Exit 78 with every fault.
    pub fn config(&self) -> Result<&Config, Failure> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let origin = self.origin()?;
        let config = load::config(self.above_settings(origin)?).map_err(Failure::bad_configuration)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The operator's file as it stands. What only root may read, the keys of the database among it, is read here: before
    /// anything opens the database, or steps down to its owner.
    fn origin(&self) -> Result<ConfigOrigin, Failure> {
        credential::remember(&self.config_path.with_file_name("credentials"));
        let origin = load::origin(&self.config_path).map_err(Failure::bad_configuration)?;
        match database_key::hold(&origin) {
            // Whoever may not open the database needs no key of it: `plan` shows a preview to anybody.
            Err(_) if origin.database().is_some_and(|place| database_access::is_closed(&place.database)) => {}
            held => held?,
        }
        Ok(origin)
    }

    /// The operator's file above what staff set. A database that cannot be read or
    /// written keeps no command from saying so itself.
    fn above_settings(&self, origin: ConfigOrigin) -> Result<ConfigOrigin, Failure> {
        let Some(DatabasePlace { database, .. }) = origin.database() else { return Ok(origin) };
        run_as::take_on(&database)?;
        // SQLite gives the files it makes beside the database the same permissions: looking into one that may not be written
        // would leave them there for good.
        let is_closed = nix::unistd::access(&database, nix::unistd::AccessFlags::W_OK).is_err();
        if is_closed && !is_on_read_only_disk(&database) {
            return Ok(origin);
        }
        Ok(match (stored::beside(&database), own_wordings::beside(&database)) {
            (Ok(stored), Ok(worded)) => origin.with(stored).worded(worded),
            _ => origin,
        })
    }

    /// The protocols, checklists, letters, leaflets and centres in force.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn sources(&self) -> Result<Sources, Failure> {
        self.config().map(|config| Sources::of(&config.paths))
    }

    /// The database. As root, this takes on its owner's identity first, so call it before anything starts a thread.
    /// An older schema is brought up to date only while no daemon works on it.
    ///
    /// # Errors
    /// As [`Context::config`], and whatever keeps the database or its key from being used; 75 beneath an older daemon.
    pub fn store(&self, how: OpenMode) -> Result<Store, Failure> {
        let Database { path, journal, .. } = &self.config()?.database;
        self.store_at(path, journal, how)
    }

    fn store_at(&self, path: &Path, journal: &Path, how: OpenMode) -> Result<Store, Failure> {
        run_as::take_on(path)?;
        let _lock = match how != OpenMode::AsItIs && health::is_older(path) {
            true => Some(Lock::take(path).map_err(database_access::beneath)?),
            false => None,
        };
        self.open(path, journal, how)
    }

    /// [`Context::store`] for whoever holds its lock.
    ///
    /// # Errors
    /// As [`Context::store`].
    pub fn store_under(&self, _lock: &Lock, how: OpenMode) -> Result<Store, Failure> {
        let Database { path, journal, .. } = &self.config()?.database;
        run_as::take_on(path)?;
        self.open(path, journal, how)
    }

    fn open(&self, path: &Path, journal: &Path, how: OpenMode) -> Result<Store, Failure> {
        tracing::info!(directory = %journal.display(), "looking at the sent journal");
        not_vanished(path)?;
        state::prove(path)?;
        if how == OpenMode::Create && !path.exists() {
            is_none_lost(path, journal)?;
            tracing::warn!(path = %path.display(), "there is no database; a new one is made");
            self.say(&format!("remark: a new database is made at `{}`", path.display()));
        }
        let opened = match Store::open(path, how).map_err(|fault| fault.looked_into(path)) {
            Err(fault) if how == OpenMode::AsItIs && fault.is_of_disk() => {
                database_access::opened_to_look(path, &fault, |line| self.say(line))
            }
            opened => opened,
        };
        let store = opened.map_err(|fault| Failure::from(fault).about(path))?;
        database_access::close_to_others(path, |line| self.say(line))?;
        store.read(|view| key_file::prove(path, view))?;
        let stamp = (how != OpenMode::AsItIs).then(|| self.stamp());
        database_access::keep_journal(&store, journal, stamp, |line| self.say(line))?;
        drop(self.unread.set(store.unread().clone()));
        Ok(store)
    }

    /// The operator's file above what staff set, and the database they set it in: also where something is still missing in
    /// both, which every other command refuses.
    ///
    /// # Errors
    /// As [`Context::store`]; the configuration may be faulty.
    pub fn settings(&self, how: OpenMode) -> Result<(ConfigOrigin, Store), Failure> {
        let origin = self.origin()?;
        let Some(place) = origin.database() else {
            let faults = load::config(origin).err().unwrap_or_default();
            return Err(Failure::bad_configuration(faults));
        };
        let store = self.store_at(&place.database, &place.journal, how)?;
        let stored = store.read(|view| view.settings_in_force())?;
        let worded = store.read(|view| view.own_wordings_in_force())?;
        Ok((origin.with(stored).worded(worded), store))
    }

    /// What steps work with that write no letter and put nobody on a protocol. A faulty wording, protocol or checklist
    /// keeps nobody from recording a death, a visit, a bounce or what was done about an alert.
    ///
    /// # Errors
    /// As [`Context::store`], and the key's.
    pub fn deps(&self, how: OpenMode) -> Result<Deps, Failure> {
        let store = self.store(how)?;
        Ok(engine::deps(&store, self.config()?, &self.world())?)
    }

    /// What steps work with that put somebody on a protocol in force: it, and the words in force, are published first.
    ///
    /// # Errors
    /// As [`Context::store`], and every fault of protocols and letters.
    pub fn clinic(&self, how: OpenMode) -> Result<(Deps, PublishedProtocol), Failure> {
        let store = self.store(how)?;
        Ok(engine::clinic(&store, self.config()?, &self.sources()?, &self.world())?)
    }

    /// The real clock and real randomness.
    #[must_use]
    pub fn world(&self) -> World {
        World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) }
    }

    /// Whether there is a configuration, or one was named.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.config_path != Path::new(load::DEFAULT) || self.config_path.exists()
    }

    /// The configuration and its files; the shipped ones where none is installed, for commands that only show.
    ///
    /// # Errors
    /// As [`Context::config`], when there is a configuration.
    pub fn config_or_shipped(&self) -> Result<(Config, Sources), Failure> {
        if !self.is_configured() {
            let config = load::shipped(Path::new("/")).map_err(Failure::bad_configuration)?;
            return Ok((config, Sources::shipped()));
        }
        Ok((self.config()?.clone(), self.sources()?))
    }

    /// Tells the daemon that something changed.
    ///
    /// # Errors
    /// As [`Context::config`].
    pub fn changed(&self) -> Result<(), Failure> {
        wake_socket::ring(&self.config()?.database.path);
        Ok(())
    }

    /// The same of whoever works with this database.
    pub fn wake(&self, store: &Store) {
        wake_socket::ring(store.path());
    }

    /// The stamp of a change made by this command now.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp { at: SystemClock.now(), actor: self.actor.clone() }
    }

    /// A runtime; build it only after [`Context::store`]. It leaves a core to the store's writer,
    /// which is at work whenever letters leave.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn runtime(&self) -> Result<Runtime, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = cores.saturating_sub(1).max(1);
        threads_are_left(workers)?;
        Ok(Builder::new_multi_thread().worker_threads(workers).enable_all().build()?)
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

    /// Names the records that a list, an export or a change had to leave out because they cannot be read.
    pub fn tell_unread(&self) {
        for (place, why) in self.unread.get().map(Unread::all).unwrap_or_default() {
            self.say(&format!(
                "remark: record `{place}` cannot be read and was left out: {why}; see `aftercare doctor`"
            ));
        }
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

    /// Shows what was found although the command fails: as words on stdout, or, since there is one document however a
    /// command ends, as fields of that of the failure.
    ///
    /// # Errors
    /// The failure.
    pub fn show_failed<T: Serialize>(
        &self,
        failure: Failure,
        document: &T,
        words: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        if !self.json {
            self.show(document, words)?;
        }
        Err(failure.with_report(document))
    }
}

/// The runtime ends the program where it is given no thread; so first it is asked whether there are as many, and a few more.
fn threads_are_left(workers: usize) -> Result<(), Failure> {
    let (ends, end) = std::sync::mpsc::channel::<()>();
    let end = Arc::new(std::sync::Mutex::new(end));
    let asked = (0..workers + 4).map(|_| {
        let end = Arc::clone(&end);
        let waits = move || drop(end.lock().map(|end| end.recv()));
        std::thread::Builder::new().name("asked".to_owned()).spawn(waits)
    });
    let asked: Result<Vec<_>, _> = asked.collect();
    drop(ends);
    let refused = |error| Failure::unavailable(format!("the system gives no further thread: {error}"));
    let hint = "look for what holds so many (`ps -eLf`), or raise the limit: `TasksMax=` of the unit, `ulimit -u`; the service tries again by itself";
    for thread in asked.map_err(|error| refused(error).hint(hint))? {
        // It only waits.
        drop(thread.join());
    }
    Ok(())
}
