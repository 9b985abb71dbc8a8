//! The provers of `check`: each looks at one thing and gives what it found. A new one is one line in [`PROVERS`].

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use crate::config::credential;
use crate::config::{Config, Fault, Sources, Transport, load};
use crate::store::health;

/// What a prover found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It must be mended before the daemon runs.
    Fault(Fault),
    /// It works, but somebody should know.
    Remark(Fault),
}

/// What there is to look at.
pub struct Ground {
    /// The configuration file's name.
    pub file: String,
    /// The configuration, when it has no fault.
    pub config: Option<Config>,
    /// The files in force, as far as they are known.
    pub sources: Sources,
    /// The database, as far as it is known.
    pub database: Option<PathBuf>,
    /// Whether to greet the mail server.
    pub online: bool,
}

impl Ground {
    /// Reads what can be read; a faulty configuration still names its paths.
    #[must_use]
    pub fn survey(path: &Path, online: bool) -> (Self, Vec<Finding>) {
        let file = path.display().to_string();
        match load::file(path) {
            Ok(config) => {
                let (sources, database) = (Sources::of(&config.paths), Some(config.database.path.clone()));
                (Self { file, config: Some(config), sources, database, online }, Vec::new())
            }
            Err(faults) => {
                let (paths, database) = load::places(path);
                let ground = Self { file, config: None, sources: Sources::of(&paths), database, online };
                (ground, faults.into_iter().map(Finding::Fault).collect())
            }
        }
    }

    fn fault(&self, problem: impl Into<String>, hint: &str) -> Finding {
        Finding::Fault(self.whole(problem.into(), hint))
    }

    fn remark(&self, problem: impl Into<String>, hint: &str) -> Finding {
        Finding::Remark(self.whole(problem.into(), hint))
    }

    fn whole(&self, problem: String, hint: &str) -> Fault {
        Fault { file: self.file.clone(), line: 0, problem, hint: hint.to_owned() }
    }
}

/// One look at the ground.
pub type Prover = fn(&Ground) -> Vec<Finding>;

/// Every look `check` takes, in the order of its report.
pub const PROVERS: &[Prover] =
    &[files, languages, database, directories, ports, secrets, example_left, cover];

fn files(ground: &Ground) -> Vec<Finding> {
    ground.sources.faults().into_iter().map(Finding::Fault).collect()
}

fn languages(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let letters = ground.sources.list("letters/");
    let known: BTreeSet<&str> = letters.iter().filter_map(|path| path.split('/').nth(1)).collect();
    let wanted = config.sending.languages.iter().filter(|l| !known.is_empty() && !known.contains(l.as_str()));
    wanted
        .map(|l| {
            let hint = "take it out of the list, or write its letters into `paths.letters`";
            ground.fault(format!("`sending.languages` names `{l}`, but there are no letters in it"), hint)
        })
        .collect()
}

fn database(ground: &Ground) -> Vec<Finding> {
    let Some(path) = &ground.database else { return Vec::new() };
    let fault = |problem: String, hint: &str| {
        Finding::Fault(Fault { file: path.display().to_string(), line: 0, problem, hint: hint.to_owned() })
    };
    match health::look(path) {
        Err(error) => vec![fault(error.to_string(), error.hint())],
        Ok(None) => Vec::new(),
        Ok(Some(health)) => health
            .complaints
            .into_iter()
            .map(|c| fault(c, "stop the daemon and restore the last backup: `aftercare restore FILE`"))
            .collect(),
    }
}

fn directories(ground: &Ground) -> Vec<Finding> {
    let mut wanted: Vec<&Path> = ground.database.as_deref().and_then(Path::parent).into_iter().collect();
    if let Some(config) = &ground.config {
        wanted.push(&config.backup.directory);
        if matches!(config.mail.transport, Transport::Spool) {
            wanted.push(&config.mail.spool_dir);
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted.into_iter().filter_map(unwritable).collect()
}

/// A directory that is not there yet must be creatable in the nearest one that is.
fn unwritable(directory: &Path) -> Option<Finding> {
    let there = directory.ancestors().find(|p| p.exists())?;
    let problem = if !there.is_dir() {
        format!("`{}` is not a directory", there.display())
    } else if access(there, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        format!("`{}` is not writable", there.display())
    } else {
        return None;
    };
    let hint = "make it a directory the service's user may write to, or name another".to_owned();
    Some(Finding::Fault(Fault { file: directory.display().to_string(), line: 0, problem, hint }))
}

fn ports(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let both = [("web.listen", config.web.listen), ("web.console_listen", config.web.console_listen)];
    both.into_iter().filter_map(|(key, address)| port(ground, key, address)).collect()
}

fn port(ground: &Ground, key: &str, address: SocketAddr) -> Option<Finding> {
    let error = TcpListener::bind(address).err()?;
    Some(match error.kind() {
        ErrorKind::AddrInUse => {
            let hint = "fine if it is a running aftercare; otherwise choose another port";
            ground.remark(format!("`{key}`: {address} is in use"), hint)
        }
        _ => {
            let hint = "use an address of this machine and a port its user may open (1024 or above)";
            ground.fault(format!("`{key}`: cannot listen on {address}: {error}"), hint)
        }
    })
}

fn secrets(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let mut names: Vec<&str> = config.alerts.webhook.iter().map(|w| w.secret_credential.as_str()).collect();
    if let Transport::Smtp(smtp) = &config.mail.transport {
        names.extend(smtp.password_credential.as_deref());
        if let Some(ca) = smtp.ca_file.as_ref().filter(|ca| std::fs::File::open(ca).is_err()) {
            return vec![ground.fault(
                format!("`mail.smtp.ca_file`: `{}` cannot be read", ca.display()),
                "check its path and owner",
            )];
        }
    }
    names
        .into_iter()
        .filter_map(|name| match credential::secret(name) {
            Ok(_) => None,
            // Outside the unit systemd hands nothing over; the daemon itself will see them.
            Err(e @ credential::CredentialFault::NoDirectory(_)) => {
                Some(ground.remark(e.to_string(), e.hint()))
            }
            Err(e) => Some(ground.fault(e.to_string(), e.hint())),
        })
        .collect()
}

fn example_left(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let numbers = config.made_up_numbers();
    let remark = |(key, number): &(&str, &str)| {
        let hint = "write the clinic's own before letters leave";
        ground.remark(format!("`clinic.{key}` is still the made-up `{number}` of the example"), hint)
    };
    numbers.iter().map(remark).collect()
}

/// P6: an alert at night must reach somebody.
fn cover(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let mut findings = Vec::new();
    if config.alerts.ladder.iter().all(|rung| rung.hours.is_some() || rung.days.is_some()) {
        let hint = "give one rung of `alerts.ladder` neither `hours` nor `days`";
        findings.push(ground.remark("nobody on the ladder is told at all hours", hint));
    }
    if !config.web.console_listen.ip().is_loopback() {
        let hint = "make sure that a firewall lets only the clinic in";
        findings.push(ground.remark("the console listens beyond this machine", hint));
    }
    findings
}
