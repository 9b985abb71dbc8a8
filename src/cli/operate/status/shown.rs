//! What `aftercare status` found, and what of it needs a person.

use jiff::{SignedDuration, Timestamp};

use super::format::bytes;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::daemon::commit_probe;
use crate::daemon::monitoring::machine::{self, MachineReadings};
use crate::daemon::wake_socket;
use crate::journey::errors::step::StepError;
use crate::journey::operations::clock_watch;
use crate::journey::operations::condition::ops_findings::{self, OpsLook, Severity};
use crate::store::database::Store;
use crate::store::db::transaction::View;

/// A daemon that wrote nothing for so long is held up; it tries every 15 seconds.
const SILENT: SignedDuration = SignedDuration::from_secs(60);
/// With less room than this no copy of a usual database fits.
const LITTLE_ROOM: u64 = 500_000_000;
/// With less room than this the database itself stops soon.
const NO_ROOM: u64 = 50_000_000;

/// Everything that the screen and the JSON show.
pub(super) struct Shown {
    pub(super) look: OpsLook,
    pub(super) machine: MachineReadings,
    pub(super) daemon: DaemonState,
    pub(super) findings: Vec<ShownFinding>,
    pub(super) now: Timestamp,
}

/// Whether a daemon works on this database, and when it last wrote.
pub(super) struct DaemonState {
    pub(super) is_heard: bool,
    pub(super) wrote_at: Option<Timestamp>,
}

/// One thing that needs a person.
pub(super) struct ShownFinding {
    pub(super) name: String,
    pub(super) severity: Severity,
    pub(super) sentence: String,
}

pub(super) fn look(ctx: &Context, config: &Config, store: &Store) -> Result<Shown, Failure> {
    let (now, clock) = (ctx.stamp().at, ctx.world().clock);
    let seen = |view: &View<'_>| -> Result<(OpsLook, Option<Timestamp>), StepError> {
        let doubt = clock_watch::doubt_on_record(view, &*clock)?;
        let wrote_at = view.fact(commit_probe::FACT)?.and_then(|at| at.parse().ok());
        Ok((ops_findings::look(view, now, doubt)?, wrote_at))
    };
    let (look, wrote_at) = store.read(seen)?;
    let machine = machine::look(config);
    let daemon = DaemonState { is_heard: wake_socket::is_heard(store.path()), wrote_at };
    let of_store = ops_findings::findings(&look, now, &config.clinic.zone);
    let mut findings: Vec<_> = of_store
        .iter()
        .map(|found| ShownFinding {
            name: found.name(),
            severity: found.severity(),
            sentence: found.sentence(),
        })
        .chain(of_daemon(&daemon, now))
        .chain(of_disk(&machine))
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(Shown { look, machine, daemon, findings, now })
}

fn of_daemon(daemon: &DaemonState, now: Timestamp) -> Option<ShownFinding> {
    let sentence = match daemon {
        DaemonState { is_heard: false, .. } => {
            "no daemon works on this database: `systemctl status aftercare`".to_owned()
        }
        DaemonState { wrote_at: Some(at), .. } if now.duration_since(*at) <= SILENT => return None,
        DaemonState { .. } => {
            "the daemon runs, and has written nothing for a minute: `journalctl -u aftercare`".to_owned()
        }
    };
    Some(ShownFinding { name: "daemon".to_owned(), severity: Severity::NotWell, sentence })
}

fn of_disk(machine: &MachineReadings) -> Option<ShownFinding> {
    let room = machine.database_room.into_iter().chain(machine.backup_room).min()?;
    let severity = match room {
        ..NO_ROOM => Severity::NotWell,
        NO_ROOM..LITTLE_ROOM => Severity::Look,
        _ => return None,
    };
    let sentence = format!("only {} are free for the database or its copies", bytes(room));
    Some(ShownFinding { name: "disk".to_owned(), severity, sentence })
}

impl Shown {
    /// How it stands in one word.
    pub(super) fn word(&self) -> &'static str {
        match self.findings.first().map(|finding| finding.severity) {
            None => "well",
            Some(Severity::Look) => "look",
            Some(Severity::NotWell) => "not-well",
        }
    }
}
