//! What `aftercare status` found, and what of it needs a person.

use jiff::{SignedDuration, Timestamp};

use super::format::{bytes, span};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::config::Config;
use crate::daemon::backup::second_place::{self, CopyDays};
use crate::daemon::files::look_deadline::{PlaceFault, PlaceLook};
use crate::daemon::monitoring::commit_probe;
use crate::daemon::monitoring::last_drains::{self, LastDrains};
use crate::daemon::monitoring::machine::{self, DiskReadings, MachineReadings};
use crate::daemon::wake_socket;
use crate::journey::alerts::cover;
use crate::journey::errors::step::StepError;
use crate::journey::operations::clock_watch;
use crate::journey::operations::condition::mailbox::MailboxReadings;
use crate::journey::operations::condition::ops_findings::{self, OpsLook, Severity};
use crate::journey::start_list::{BACKUP_ON, SECOND_COPY_ON};
use crate::store::database::Store;
use crate::store::db::encryption::disk_mode::is_on_read_only_disk;
use crate::store::db::transaction::View;

/// A daemon that wrote nothing for so long is held up; it tries every 15 seconds.
const SILENT: SignedDuration = SignedDuration::from_secs(60);
/// Where `drain` does the work, one within this time is a sign of life.
const DRAINED_LATELY: SignedDuration = SignedDuration::from_mins(60);
/// A clinic that drains once a day is not dead, though an alert may wait for so long.
const DRAINED_TODAY: SignedDuration = SignedDuration::from_hours(26);
/// With less room than this no copy of a usual database fits.
const LITTLE_ROOM: u64 = 500_000_000;
/// With less room than this the database itself stops soon.
const NO_ROOM: u64 = 50_000_000;

/// With fewer files left to make than this a busy directory soon has none.
const FEW_FILES: u64 = 1_000;
/// With fewer than this the database itself stops soon: it makes its log anew at each start.
const NO_FILES: u64 = 20;

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
    pub(super) drains: Option<LastDrains>,
}

impl DaemonState {
    /// Whether `drain` does the work here, from cron or a timer: no daemon runs, and none has written since the last drain but
    /// one. A single drain by hand, while the daemon lies dead, makes no such clinic.
    pub(super) fn is_by_drain(&self) -> bool {
        let is_so = |drains: LastDrains| match (self.wrote_at, drains.before) {
            (None, _) => true,
            (Some(wrote), Some(before)) => wrote < before,
            (Some(_), None) => false,
        };
        !self.is_heard && self.drains.is_some_and(is_so)
    }
}

/// One thing that needs a person.
pub(super) struct ShownFinding {
    pub(super) name: String,
    pub(super) severity: Severity,
    pub(super) sentence: String,
}

pub(super) fn look(ctx: &Context, config: &Config, store: &Store) -> Result<Shown, Failure> {
    let (now, clock) = (ctx.stamp().at, ctx.world().clock);
    let is_heard = wake_socket::is_heard(store.path());
    let seen = |view: &View<'_>| -> Result<(OpsLook, DaemonState), StepError> {
        let doubt = clock_watch::doubt_on_record(view, &*clock)?;
        let wrote_at = view.fact(commit_probe::FACT)?.and_then(|at| at.parse().ok());
        let daemon = DaemonState { is_heard, wrote_at, drains: last_drains::of(view)? };
        let mut look = ops_findings::look(view, now, doubt)?;
        // Before the first look nothing is on record, which proves nothing.
        if cover::is_unlooked(view, now)? {
            look.readings.standing.missing_cover = Some(cover::UNLOOKED.to_owned());
        }
        Ok((look, daemon))
    };
    let (look, daemon) = store.read(seen)?;
    let machine = machine::look(config, &PlaceLook::default());
    let second = of_second(config, store, now)?;
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
        .chain(of_inodes(&machine))
        .chain(of_copies(&machine))
        .chain(second)
        .chain(is_on_read_only_disk(store.path()).then(read_only))
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Ok(Shown { look, machine, daemon, findings, now })
}

fn of_daemon(daemon: &DaemonState, now: Timestamp) -> Option<ShownFinding> {
    if let Some(drains) = daemon.drains.filter(|_| daemon.is_by_drain()) {
        return of_drains(drains, now);
    }
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

/// Alerts climb, and letters leave, only when a drain is made.
fn of_drains(drains: LastDrains, now: Timestamp) -> Option<ShownFinding> {
    let age = now.duration_since(drains.last);
    if age <= DRAINED_LATELY {
        return None;
    }
    let severity = if age <= DRAINED_TODAY { Severity::Look } else { Severity::NotWell };
    let sentence = format!(
        "no daemon runs and the last `drain` ended {} ago; alerts climb and letters leave only when there is one: let cron \
         make one every few minutes, or run `aftercare serve`",
        span(age)
    );
    Some(ShownFinding { name: "daemon".to_owned(), severity, sentence })
}

/// What is left where the database lies, and where the copies go if any can be written there.
fn left(machine: &MachineReadings, what: impl Fn(DiskReadings) -> Option<u64>) -> Option<u64> {
    // Room where nothing can be written is none of ours.
    let of_copies = what(machine.backup_room).filter(|_| machine.backup_fault.is_none());
    what(machine.database_room).into_iter().chain(of_copies).min()
}

fn of_disk(machine: &MachineReadings) -> Option<ShownFinding> {
    let room = left(machine, |room| room.bytes)?;
    let severity = match room {
        ..NO_ROOM => Severity::NotWell,
        NO_ROOM..LITTLE_ROOM => Severity::Look,
        _ => return None,
    };
    let sentence = format!("only {} are free for the database or its copies", bytes(room));
    Some(ShownFinding { name: "disk".to_owned(), severity, sentence })
}

/// A disk that has room and no inode takes no file: neither the log of the database nor a copy.
fn of_inodes(machine: &MachineReadings) -> Option<ShownFinding> {
    let files = left(machine, |room| room.files)?;
    let severity = match files {
        ..NO_FILES => Severity::NotWell,
        NO_FILES..FEW_FILES => Severity::Look,
        _ => return None,
    };
    let sentence = format!(
        "only {files} more files can be made where the database or its copies lie, whatever room there is: `df -i` shows the disk, \
         remove small files there"
    );
    Some(ShownFinding { name: "inodes".to_owned(), severity, sentence })
}

/// What keeps copies from being made; `doctor` finds the same.
fn of_copies(machine: &MachineReadings) -> Option<ShownFinding> {
    let why = machine.backup_fault.as_ref()?;
    let act = match why {
        PlaceFault::Silent(_) => "bring it back (`findmnt -T DIRECTORY` shows what is mounted there)",
        PlaceFault::Unfit(_) => "mend it",
    };
    let sentence = format!("no copy can be made: {why}; {act}, or name another place in [backup] directory");
    Some(ShownFinding { name: "backup_directory".to_owned(), severity: Severity::Look, sentence })
}

/// A second place that stays behind; `doctor` finds the same.
fn of_second(config: &Config, store: &Store, now: Timestamp) -> Result<Option<ShownFinding>, StepError> {
    let on_record =
        |view: &View<'_>| -> Result<_, StepError> { Ok([view.fact(BACKUP_ON)?, view.fact(SECOND_COPY_ON)?]) };
    let [made, carried] = store.read(on_record)?;
    let days = CopyDays { made: made.as_deref(), carried: carried.as_deref() };
    let behind = second_place::behind(&config.backup, days, &now.to_zoned(config.clinic.zone.clone()));
    Ok(second_place::silent(&config.backup).or(behind).map(|sentence| ShownFinding {
        name: "second_place".to_owned(),
        severity: Severity::Look,
        sentence,
    }))
}

fn read_only() -> ShownFinding {
    let sentence = "the database's disk is mounted read-only, nothing can be recorded and no letter leaves: look at the kernel's log, \
                    mend it and mount it writable";
    ShownFinding { name: "read_only".to_owned(), severity: Severity::NotWell, sentence: sentence.to_owned() }
}

impl Shown {
    /// How the reading of the mailbox goes; `None` where none is configured.
    pub(super) fn mailbox(&self, config: &Config) -> Option<MailboxReadings> {
        config.mail.imap.as_ref().map(|_| self.look.mailbox)
    }

    /// How it stands in one word.
    pub(super) fn word(&self) -> &'static str {
        match self.findings.first().map(|finding| finding.severity) {
            None => "well",
            Some(Severity::Look) => "look",
            Some(Severity::NotWell) => "not-well",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn found(wrote: Option<i64>, drained: &[i64]) -> Option<Severity> {
        let drains = drained
            .split_last()
            .map(|(last, rest)| LastDrains { last: at(*last), before: rest.last().copied().map(at) });
        let daemon = DaemonState { is_heard: false, wrote_at: wrote.map(at), drains };
        of_daemon(&daemon, at(10_000)).map(|finding| finding.severity)
    }

    #[test]
    fn a_disk_without_inodes_is_told_whatever_room_it_has() {
        let of = |bytes, files| DiskReadings { bytes: Some(bytes), files };
        let told = |database_room, backup_room| {
            let (database_bytes, wal_bytes, backup_fault, newest_copy) = (0, 0, None, None);
            let machine = MachineReadings {
                database_bytes,
                wal_bytes,
                database_room,
                backup_room,
                backup_fault,
                newest_copy,
            };
            assert!(of_disk(&machine).is_none());
            of_inodes(&machine).map(|finding| finding.severity)
        };
        let well = of(LITTLE_ROOM, Some(FEW_FILES));
        assert_eq!(told(well, of(LITTLE_ROOM, None)), None, "a disk that counts none has enough");
        assert_eq!(told(well, of(LITTLE_ROOM, Some(999))), Some(Severity::Look));
        assert_eq!(told(of(LITTLE_ROOM, Some(0)), well), Some(Severity::NotWell));
    }

    #[test]
    fn a_clinic_that_drains_lives_as_long_as_it_drains() {
        assert_eq!(found(None, &[9_990, 9_995]), None);
        assert_eq!(found(None, &[9_995]), None, "the first of all");
        assert_eq!(found(Some(100), &[9_930, 9_940]), None, "a daemon once ran");
        assert_eq!(found(None, &[8_600, 9_900]), Some(Severity::Look));
        assert_eq!(found(None, &[8_000, 8_400]), Some(Severity::NotWell));
    }

    #[test]
    fn a_drain_by_hand_does_not_hide_a_dead_daemon() {
        assert_eq!(found(Some(9_990), &[9_995]), Some(Severity::NotWell));
        assert_eq!(found(Some(9_990), &[9_000, 9_995]), Some(Severity::NotWell));
        assert_eq!(found(Some(9_990), &[]), Some(Severity::NotWell));
    }
}
