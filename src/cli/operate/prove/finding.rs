//! What a prover looks at, and what it finds.

use std::path::{Path, PathBuf};

use crate::config::credential::{self, CredentialFault};
use crate::config::file::fault::Fault;
use crate::config::sources::Sources;
use crate::config::{Config, load};
use crate::store::{own_wordings, settings as stored};

/// What there is to look at.
pub struct CheckContext {
    /// The configuration file's name.
    pub file: String,
    /// What stands in it.
    pub text: String,
    /// The configuration, when it has no fault.
    pub config: Option<Config>,
    /// The files in force, as far as they are known.
    pub sources: Sources,
    /// The database, as far as it is known.
    pub database: Option<PathBuf>,
    /// Whether to greet the mail server, open the mailbox of replies, and look at the OpenID Connect provider.
    pub online: bool,
}

impl CheckContext {
    /// Reads what can be read; a faulty configuration still names its paths.
    #[must_use]
    pub fn survey(path: &Path) -> (Self, Vec<CheckFinding>) {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let read = load::origin(path).and_then(|origin| {
            // A database that cannot be read is told of by the prover that looks at it.
            let database = origin.database().map(|place| place.database);
            let stored = database.as_deref().and_then(|database| stored::beside(database).ok());
            let worded = database.as_deref().and_then(|database| own_wordings::beside(database).ok());
            load::config(origin.with(stored.unwrap_or_default()).worded(worded.unwrap_or_default()))
        });
        match read {
            Ok(config) => {
                let (sources, database) = (Sources::of(&config.paths), Some(config.database.path.clone()));
                (Self { file, text, config: Some(config), sources, database, online: false }, Vec::new())
            }
            Err(faults) => {
                let (paths, database) = load::places(path);
                let context =
                    Self { file, text, config: None, sources: Sources::of(&paths), database, online: false };
                (context, faults.into_iter().map(CheckFinding::Fault).collect())
            }
        }
    }

    /// A configuration that was read from that file already, for whoever knows its database to be well.
    #[must_use]
    pub fn of(path: &Path, config: &Config) -> Self {
        let (file, text) = (path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default());
        let sources = Sources::of(&config.paths);
        Self { file, text, config: Some(config.clone()), sources, database: None, online: false }
    }

    /// A fault at a key of the configuration, e.g. `mail.smtp.host`.
    #[must_use]
    pub fn fault_at(&self, key: &str, problem: &str, hint: &str) -> CheckFinding {
        CheckFinding::Fault(self.at(key, problem, hint))
    }

    /// That a server which a key of the configuration names is away.
    #[must_use]
    pub fn away_at(&self, key: &str, problem: &str, hint: &str) -> CheckFinding {
        CheckFinding::Away(self.at(key, problem, hint))
    }

    /// A remark at a key of the configuration.
    #[must_use]
    pub fn remark_at(&self, key: &str, problem: &str, hint: &str) -> CheckFinding {
        CheckFinding::Remark(self.at(key, problem, hint))
    }

    /// What is wrong with the secret that a key of the configuration names.
    #[must_use]
    pub fn secret_at(&self, key: &str, name: &str) -> Option<CheckFinding> {
        match credential::secret(name) {
            Ok(_) => {
                let open = credential::open_to_others(name)?;
                Some(self.remark_at(key, &open.problem(), &open.hint()))
            }
            // Outside the unit systemd hands nothing over; the daemon itself will see them.
            Err(e @ CredentialFault::NoDirectory(_)) => Some(self.remark_at(key, &e.to_string(), e.hint())),
            Err(e) => Some(self.fault_at(key, &e.to_string(), e.hint())),
        }
    }

    fn at(&self, key: &str, problem: &str, hint: &str) -> Fault {
        let (line, problem) = (load::line(&self.text, key), format!("`{key}`: {problem}"));
        Fault { file: self.file.clone(), line, problem, hint: hint.to_owned() }
    }
}

/// What a prover found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckFinding {
    /// It must be mended before the daemon runs.
    Fault(Fault),
    /// Somebody else's server is away: nothing here is wrong.
    Away(Fault),
    /// It works, but somebody should know.
    Remark(Fault),
}
