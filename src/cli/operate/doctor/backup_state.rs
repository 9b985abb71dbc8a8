//! How backups stand, for `doctor`: the newest copy, its second place, the sent journal, the last rehearsal of a restore.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::care::task::TaskKind;
use crate::config::Config;
use crate::daemon::backup::second_place::CopyDays;
use crate::daemon::backup::{backup_watch, copy_retention, second_place};
use crate::daemon::files::look_deadline::{PATIENCE, PlaceFault, look_within};
use crate::daemon::monitoring::machine;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::erased_traces;
use crate::journey::operations::restore::rehearsal::{self, RehearsalRecord};
use crate::journey::start_list::{BACKUP_ON, SECOND_COPY_ON};
use crate::store::database::Store;
use crate::store::db::encryption::state::is_database;
use crate::store::journal::status::JournalFault;
use crate::store::journal::{journal_check, segment};
use crate::store::work::tasks::Task;

/// A copy older than this many days is a finding.
const DAYS: i32 = 2;

/// Backups as `doctor` shows them.
#[derive(Debug, Default, Serialize)]
pub(super) struct BackupState {
    /// The day of the newest copy.
    newest: Option<String>,
    /// Whether each copy goes to a second place.
    second_wanted: bool,
    /// The day of the newest copy in the second place; `None` where there is none.
    second: Option<String>,
    /// The last event in the sent journal; `None` where it cannot be read.
    journal: Option<i64>,
    /// Whether the journal lies on the disk of the database, and would be lost with it.
    journal_on_same_disk: bool,
    /// The last rehearsal of a restore.
    rehearsed: Option<RehearsalRecord>,
    /// What is wrong with them, each in a sentence.
    #[serde(skip)]
    pub(super) findings: Vec<String>,
}

/// Looks at what is on record, and at the journal as the last commit left it.
pub(super) fn look(store: &Store, config: &Config, now: Timestamp) -> Result<BackupState, StepError> {
    let (newest, second) =
        store.read(|view| Ok::<_, StepError>((view.fact(BACKUP_ON)?, view.fact(SECOND_COPY_ON)?)))?;
    let second_wanted = second_place::is_wanted(&config.backup);
    let (rehearsed, status) = (store.read(rehearsal::on_record)?, store.journal_status());
    let last_followed = status.last;
    let mut findings = Vec::new();
    let today = now.to_zoned(config.clinic.zone.clone()).date();
    let old = |on: &String| on.parse::<Date>().is_ok_and(|on| (today - on).get_days() > DAYS);
    findings.extend(newest.as_ref().filter(|on| old(on)).map(|on| format!("the newest copy is of {on}")));
    let days = CopyDays { made: newest.as_deref(), carried: second.as_deref() };
    findings.extend(second_place::behind(&config.backup, days, &now.to_zoned(config.clinic.zone.clone())));
    if let Some(why) = rehearsed.as_ref().and_then(|last| last.fault.as_ref()) {
        findings.push(format!("the newest backup cannot be restored: {why}"));
    }
    let rehearsal_failed = rehearsed.as_ref().is_some_and(|last| last.fault.is_some());
    let (copies, journal) = (CopiesSeen::of(config, today), JournalSeen::of(config));
    let silent = || journal.is_none().then(|| JournalFault::Silent(config.database.journal.clone()));
    let fault = status.fault.or_else(silent);
    let journal_failed = fault.is_some();
    findings.extend(fault.map(|fault| fault.to_string()));
    findings.extend(of_copies(config, copies.as_ref()));
    findings.extend(second_place::silent(&config.backup));
    if journal.is_some() {
        findings.extend(of_journal(store, config, copies.and_then(|copies| copies.oldest))?);
    }
    findings.extend(store.read(erased_traces::tried_in_vain)?.map(|at| {
        format!(
            "what was erased may still lie in unused pages of the file: on {} it could not be written anew within a moment; in a \
             quiet hour stop the service, `aftercare database write-anew`, start it",
            at.to_zoned(config.clinic.zone.clone()).date()
        )
    }));
    let open = store.read(|view| view.tasks_open())?;
    let is_told = |task: &Task| match task.cause.as_str() {
        // Its fault stands above already, as it is now.
        backup_watch::JOURNAL => !journal_failed,
        rehearsal::CAUSE => !rehearsal_failed,
        second_place::CAUSE => second_wanted,
        _ => true,
    };
    let failed = open.into_iter().filter(|task| task.kind == TaskKind::BackupFailed && is_told(task));
    findings.extend(failed.map(|task| task.reason));
    let is_together = |journal: &JournalSeen| journal.disk == disk(store.path());
    Ok(BackupState {
        newest,
        second_wanted,
        second,
        journal: journal.as_ref().and_then(|journal| journal.last(last_followed)),
        journal_on_same_disk: journal.as_ref().is_some_and(is_together),
        rehearsed,
        findings,
    })
}

fn disk(place: &Path) -> Option<u64> {
    std::fs::metadata(place).ok().map(|file| file.dev())
}

/// What lies in the directory of copies, which may be on a disk that does not answer.
struct CopiesSeen {
    unfinished: Vec<PathBuf>,
    unwritable: Option<String>,
    /// The day of the oldest.
    oldest: Option<Date>,
}

impl CopiesSeen {
    fn of(config: &Config, today: Date) -> Option<Self> {
        let directory = config.backup.directory.clone();
        look_within(PATIENCE, move || Self {
            unfinished: unfinished(&directory).collect(),
            unwritable: machine::unwritable(&directory).map(|fault| fault.to_string()),
            oldest: copy_retention::copies_in(&directory, today)
                .unwrap_or_default()
                .first_key_value()
                .map(|(on, _)| *on),
        })
    }
}

/// What a first look at the journal finds, which may be on a disk that does not answer.
struct JournalSeen {
    disk: Option<u64>,
    /// The last event in its files; `None` where they cannot be read.
    newest: Option<i64>,
}

impl JournalSeen {
    fn of(config: &Config) -> Option<Self> {
        let directory = config.database.journal.clone();
        look_within(PATIENCE, move || Self {
            disk: disk(&directory),
            newest: segment::newest_line(&directory).ok().map(|line| line.map_or(0, |line| line.event.id)),
        })
    }

    /// The last event that the journal has: as the last commit left it, or, where none could be made, as its files say.
    fn last(&self, followed: i64) -> Option<i64> {
        if followed > 0 { Some(followed) } else { self.newest }
    }
}

/// What is wrong with the directory of copies.
fn of_copies(config: &Config, copies: Option<&CopiesSeen>) -> Vec<String> {
    let Some(copies) = copies else {
        let fault = PlaceFault::Silent(config.backup.directory.clone());
        return vec![format!("no copy can be made: {fault}")];
    };
    let left = copies.unfinished.iter().map(|path| {
        format!(
            "`{}` is left of a copy that was never finished, and holds data of patients: remove it",
            path.display()
        )
    });
    left.chain(copies.unwritable.iter().map(|why| format!("no copy can be made: {why}"))).collect()
}

/// What copies that were interrupted left a day ago or earlier: nobody works on them. Another program's unfinished file is none, unless
/// it is a database: a copy that somebody made by hand may have any name.
fn unfinished(directory: &Path) -> impl Iterator<Item = PathBuf> {
    const DAY: Duration = Duration::from_secs(86_400);
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| {
        let is_part = copy_retention::unfinished_of(path).is_some()
            || path.extension().is_some_and(|end| end == "part") && is_database(path);
        let age = path.metadata().and_then(|file| file.modified()).ok().and_then(|at| at.elapsed().ok());
        is_part && age.is_some_and(|age| age > DAY)
    })
}

/// What is missing in the sent journal, and copies that it does not reach back to.
fn of_journal(store: &Store, config: &Config, oldest: Option<Date>) -> Result<Vec<String>, StepError> {
    let found = journal_check::check(store, &config.database.journal)?;
    let missing = found.missing.first().zip(found.missing.last()).map(|(first, last)| {
        format!(
            "{} events from {first} to {last} are missing in the sent journal, or damaged, and the database has them: the daemon \
             writes them into their place at its next start, or within a day; look at the journal's disk",
            found.missing.len()
        )
    });
    let begins = found.begins.filter(|(first, _)| *first > 1);
    let begins = begins.map(|(_, at)| at.to_zoned(config.clinic.zone.clone()).date());
    let short = begins.zip(oldest).filter(|(begins, oldest)| begins > oldest).map(|(begins, oldest)| {
        format!(
            "the sent journal begins on {begins}, and the oldest copy is of {oldest}: without the database nobody would know what \
             left in between"
        )
    });
    Ok(missing.into_iter().chain(short).collect())
}

/// One line for each.
pub(super) fn write(out: &mut dyn Write, state: &BackupState) -> std::io::Result<()> {
    match &state.newest {
        Some(on) => writeln!(out, "backup:   of {on}")?,
        None => writeln!(out, "backup:   none yet; `serve` makes one a day")?,
    }
    match (&state.second, state.second_wanted) {
        (Some(on), _) => writeln!(out, "second:   of {on}, in the second place")?,
        (None, true) => writeln!(out, "second:   none in the second place yet")?,
        (None, false) => {}
    }
    let same = if state.journal_on_same_disk { ", on the database's own disk" } else { "" };
    match state.journal {
        Some(last) => writeln!(out, "journal:  event {last}{same}")?,
        None => writeln!(out, "journal:  unknown: it cannot be read")?,
    }
    match &state.rehearsed {
        Some(last) => {
            let end = if last.fault.is_none() { "works" } else { "FAILED" };
            writeln!(out, "restore:  rehearsed {}, {end}", last.at.strftime("%F"))
        }
        None => writeln!(out, "restore:  not rehearsed yet: `aftercare restore --rehearse`"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn another_programs_unfinished_file_is_not_called_ours() {
        let dir = tempfile::tempdir().unwrap();
        let ours = dir.path().join("aftercare-2027-03-01.db.part");
        let by_hand = dir.path().join("before-the-upgrade.db.part");
        drop(Store::open(&by_hand, crate::store::database::OpenMode::Create).unwrap());
        for path in [&ours, &dir.path().join("film.part")] {
            std::fs::write(path, "half").unwrap();
        }
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let file = std::fs::OpenOptions::new().append(true).open(entry.unwrap().path()).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }
        let mut found: Vec<_> = unfinished(dir.path()).collect();
        found.sort();
        assert_eq!(found, [ours, by_hand]);
    }
}
