//! Each copy goes to a second place too: a directory on another disk or machine, or whatever a command does with it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::config::sections::backup::Backup;
use crate::daemon::backup::copy_retention::prune;
use crate::daemon::backup::failed_copy::AGAIN;
use crate::daemon::backup::online::{self, CopyFault};
use crate::daemon::files::look_deadline::silence;
use crate::store::db::encryption::paths::{beside, key_path, sync_directory};
use crate::store::db::health;
use crate::store::db::online::pace::Pace;
use crate::store::error::StoreError;

/// So long a command may take; then it is ended.
const WITHIN: Duration = Duration::from_secs(3600);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Why a copy is not in the second place.
#[derive(Debug, thiserror::Error)]
pub enum SecondPlaceFault {
    /// It could not be copied into that directory, or is not sound there.
    #[error("`{}`: {}", .0.display(), .1)]
    Copy(PathBuf, Box<CopyFault>),
    /// The command cannot be started.
    #[error("`{0}` cannot be started: {1}")]
    Start(String, std::io::Error),
    /// It said that it failed.
    #[error("`{0}` ended with {1}")]
    Ended(String, ExitStatus),
    /// What came back from there is not what was taken there.
    #[error("`{0}` gave back something else than the copy: look at what lies in the second place")]
    Other(String),
    /// It said that all is well, and what it gave back cannot be read, or nothing was given back.
    #[error("`{0}` said that it gave the copy back, and it cannot be read: {1}")]
    Unread(String, std::io::Error),
    /// The program ends, and the command with it.
    #[error("`{0}` was ended because the program ends")]
    Stopped(String),
    /// It took too long.
    #[error("`{0}` was ended after an hour")]
    Slow(String),
}

/// The cause of the task about a copy that is not in its second place.
pub const CAUSE: &str = "backup-second";

/// When the second place was tried last. It belongs to one reading of the configuration: whoever mended something and starts or
/// reloads the daemon waits for no hour.
#[derive(Debug, Default)]
pub struct SecondPlacePause(Mutex<Option<Duration>>);

impl SecondPlacePause {
    /// Whether it may be tried now, by the clock that never jumps.
    #[must_use]
    pub fn is_over(&self, now: Duration) -> bool {
        self.tried().is_none_or(|tried| now.saturating_sub(tried) >= AGAIN)
    }

    /// It is tried now.
    pub fn begin(&self, now: Duration) {
        *self.tried() = Some(now);
    }

    fn tried(&self) -> MutexGuard<'_, Option<Duration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program, and its words but for the last two.
#[derive(Clone, Copy)]
struct SecondCommand<'a> {
    program: &'a str,
    words: &'a [String],
}

impl<'a> SecondCommand<'a> {
    fn of(line: &'a [String]) -> Option<Self> {
        line.split_first().map(|(program, words)| Self { program, words })
    }
}

/// Whether there is one.
#[must_use]
pub fn is_wanted(copies: &Backup) -> bool {
    copies.second.is_some() || !copies.second_command.is_empty()
}

/// What a person knows it by.
#[must_use]
pub fn name(copies: &Backup) -> String {
    let directory = copies.second.as_ref().map(|directory| directory.display().to_string());
    directory.or_else(|| copies.second_command.first().cloned()).unwrap_or_default()
}

/// How far a copy may be on its way before it lacks in its second place.
const ON_ITS_WAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(2);

/// That the second place has not the newest copy hours after it was due, in a sentence.
#[must_use]
pub fn behind(copies: &Backup, days: CopyDays<'_>, now: &jiff::Zoned) -> Option<String> {
    let made: Date = days.made?.parse().ok().filter(|_| is_wanted(copies))?;
    let carried: Option<Date> = days.carried.and_then(|on| on.parse().ok());
    let due = made.to_datetime(copies.at).to_zoned(now.time_zone().clone()).ok()?;
    let is_behind = carried.is_none_or(|carried| carried < made);
    let is_late = due.checked_add(ON_ITS_WAY).is_ok_and(|late| *now >= late);
    let has = carried.map_or("none".to_owned(), |on| format!("the one of {on}"));
    (is_behind && is_late).then(|| {
        format!("the newest copy is of {made}, and its second place `{}` has {has}: look at that place, and at the log", name(copies))
    })
}

/// That the second place does not answer, in a sentence; `None` where it does, or is whatever a command makes of it.
#[must_use]
pub fn silent(copies: &Backup) -> Option<String> {
    silence(copies.second.as_deref()?).map(|_| {
        format!(
            "the second place of the copies, `{}`, does not answer: its disk or the network to it hangs",
            name(copies)
        )
    })
}

/// The days of the newest copies, as they stand on record.
#[derive(Debug, Clone, Copy)]
pub struct CopyDays<'a> {
    /// In the directory of copies.
    pub made: Option<&'a str>,
    /// In the second place.
    pub carried: Option<&'a str>,
}

/// Brings the copy `whole` with its key to the second place, looks at it there, and removes what does not stay by the same rule.
///
/// # Errors
/// [`SecondPlaceFault`]; what was there before is still there.
pub fn carry(
    copies: &Backup,
    whole: &Path,
    today: Date,
    pace: &Arc<dyn Pace>,
) -> Result<(), SecondPlaceFault> {
    if let Some(directory) = &copies.second {
        let there = |fault| SecondPlaceFault::Copy(directory.clone(), Box::new(fault));
        copy(whole, directory, pace).map_err(there)?;
        prune(directory, copies.keep, today).map_err(|error| there(CopyFault::Io(error)))?;
    }
    let Some(command) = SecondCommand::of(&copies.second_command) else { return Ok(()) };
    call(command, [whole, &key_path(whole)], &**pace)?;
    SecondCommand::of(&copies.second_fetch).map_or(Ok(()), |command| fetched(command, whole, &**pace))
}

/// Lets the command give the copy and its key back, and compares: an exit code proves nothing of what lies there.
fn fetched(command: SecondCommand<'_>, whole: &Path, pace: &dyn Pace) -> Result<(), SecondPlaceFault> {
    let key = key_path(whole);
    for file in [whole, &key].into_iter().filter(|file| file.exists()) {
        let back = beside(file, ".back");
        drop(std::fs::remove_file(&back));
        let given = call(command, [Path::new(file.file_name().unwrap_or_default()), &back], pace);
        let unread = |error| SecondPlaceFault::Unread(command.program.to_owned(), error);
        let same = given.and_then(|()| is_same(file, &back).map_err(unread));
        drop(std::fs::remove_file(&back));
        if !same? {
            return Err(SecondPlaceFault::Other(command.program.to_owned()));
        }
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (mut one, mut other) = (BufReader::new(File::open(one)?), BufReader::new(File::open(other)?));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let length = left.len().min(right.len());
        if left[..length] != right[..length] || (length == 0 && left.len() != right.len()) {
            return Ok(false);
        }
        if length == 0 {
            return Ok(true);
        }
        one.consume(length);
        other.consume(length);
    }
}

/// The file itself, byte for byte; it gets its name when it is whole and sound.
fn copy(whole: &Path, directory: &Path, pace: &Arc<dyn Pace>) -> Result<(), CopyFault> {
    // A disk that is not there must not be taken for an empty directory, so none is made.
    let to: PathBuf = directory.join(whole.file_name().unwrap_or_default());
    let part = beside(&to, ".part");
    let clear = || [part.clone(), key_path(&part)].iter().for_each(|left| drop(std::fs::remove_file(left)));
    clear();
    let copied = || -> Result<(), CopyFault> {
        copy_file(whole, &part, &**pace)?;
        online::prove(pace, &part, health::schema(whole)?)?;
        if key_path(whole).exists() {
            std::fs::copy(key_path(whole), key_path(&part))?;
            std::fs::File::open(key_path(&part))?.sync_all()?;
            std::fs::rename(key_path(&part), key_path(&to))?;
        }
        std::fs::rename(&part, &to)?;
        Ok(sync_directory(&to)?)
    };
    copied().inspect_err(|_| clear())
}

/// So much is read and written between two looks at the pace.
const STEP: u64 = 256 * 1024;
/// So many steps are brought to disk together: what waits unwritten, whoever commits beside may have to wait for.
const STEPS_PER_SYNC: u32 = 16;

/// Byte for byte into a file of its owner's alone, on the disk at the end.
fn copy_file(from: &Path, to: &Path, pace: &dyn Pace) -> Result<(), CopyFault> {
    let mut from = File::open(from)?;
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    for step in 1_u32.. {
        if std::io::copy(&mut (&mut from).take(STEP), &mut to)? == 0 {
            break;
        }
        if step.is_multiple_of(STEPS_PER_SYNC) {
            to.sync_data()?;
        }
        if pace.is_stopped() {
            return Err(StoreError::stopped().into());
        }
        pace.rest();
    }
    Ok(to.sync_all()?)
}

/// Runs the command with these last two words. It is no shell: words are words.
fn call(
    SecondCommand { program, words }: SecondCommand<'_>,
    last: [&Path; 2],
    pace: &dyn Pace,
) -> Result<(), SecondPlaceFault> {
    let start = |error| SecondPlaceFault::Start(program.to_owned(), error);
    let mut command = Command::new(program);
    // A group of its own: what a script starts ends with it, and writes into no later copy.
    command.args(words).args(last).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    let mut child = command.spawn().map_err(start)?;
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait().map_err(start)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(SecondPlaceFault::Ended(program.to_owned(), status)),
            None if pace.is_stopped() => {
                end(&mut child);
                return Err(SecondPlaceFault::Stopped(program.to_owned()));
            }
            None if waited > WITHIN => {
                end(&mut child);
                return Err(SecondPlaceFault::Slow(program.to_owned()));
            }
            None => std::thread::sleep(LOOK),
        }
        waited += LOOK;
    }
}

/// Ends the command and whatever it has started.
fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).map(Pid::from_raw);
    if !group.is_ok_and(|group| killpg(group, Signal::SIGKILL).is_ok()) {
        // Gone already is as good as ended.
        drop(child.kill());
    }
    drop(child.wait());
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;
    use crate::clock::SystemClock;
    use crate::config::sections::backup::CopyRetention;
    use crate::ports::Clock;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::online::pace::NoPace;

    fn carried(copies: &Backup, whole: &Path, today: Date) -> Result<(), SecondPlaceFault> {
        carry(copies, whole, today, &(Arc::new(NoPace) as _))
    }

    fn ground(second: Option<&str>, command: &[&str]) -> (tempfile::TempDir, Backup, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let whole = dir.path().join("aftercare-2027-03-02.db");
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        store.read(|view| view.copy_to(&whole, &NoPace)).unwrap();
        std::fs::write(key_path(&whole), [7; 32]).unwrap();
        let copies = Backup {
            directory: dir.path().to_owned(),
            at: time(2, 0, 0, 0),
            keep: CopyRetention { daily: 1, weekly: 0, monthly: 0 },
            second: second.map(|name| dir.path().join(name)),
            second_command: command.iter().map(|word| (*word).to_owned()).collect(),
            second_fetch: Vec::new(),
        };
        (dir, copies, whole)
    }

    #[test]
    fn a_copy_lies_in_the_second_place_with_its_key_and_the_old_one_goes() {
        let (dir, copies, whole) = ground(Some("usb"), &[]);
        let usb = dir.path().join("usb");
        // A disk that is not there is no directory.
        let fault = carried(&copies, &whole, date(2027, 3, 2)).unwrap_err();
        assert!(fault.to_string().starts_with(&format!("`{}`: No such file", usb.display())), "{fault}");
        std::fs::create_dir(&usb).unwrap();
        std::fs::copy(&whole, usb.join("aftercare-2027-03-01.db")).unwrap();
        carried(&copies, &whole, date(2027, 3, 2)).unwrap();
        let mut names: Vec<_> =
            std::fs::read_dir(&usb).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["aftercare-2027-03-02.db", "aftercare-2027-03-02.db.key"]);
    }

    #[test]
    fn a_second_place_that_lacks_the_newest_copy_hours_after_it_was_due_is_named() {
        let (_dir, copies, _) = ground(Some("usb"), &[]);
        let at = |text: &str| text.parse::<jiff::Zoned>().unwrap();
        let (soon, late) = (at("2027-03-02T03:59[UTC]"), at("2027-03-02T04:00[UTC]"));
        let days = |carried| CopyDays { made: Some("2027-03-02"), carried };
        let told = behind(&copies, days(Some("2027-03-01")), &late).unwrap();
        assert!(told.contains("2027-03-02") && told.contains("2027-03-01") && told.contains("usb"), "{told}");
        assert!(behind(&copies, days(None), &late).unwrap().contains("has none"));
        assert_eq!(behind(&copies, days(Some("2027-03-01")), &soon), None);
        assert_eq!(behind(&copies, days(Some("2027-03-02")), &late), None);
        let (_dir, alone, _) = ground(None, &[]);
        assert_eq!(behind(&alone, days(None), &late), None);
    }

    #[test]
    fn one_that_failed_rests_for_an_hour_and_a_new_reading_of_the_configuration_waits_for_nothing() {
        let (rest, at) = (SecondPlacePause::default(), Duration::from_secs);
        assert!(rest.is_over(at(5)));
        rest.begin(at(5));
        assert!(!rest.is_over(at(3604)) && rest.is_over(at(3605)));
        assert!(SecondPlacePause::default().is_over(at(6)));
    }

    /// The program ends once the script's child is at work.
    struct StoppedOnce(PathBuf);

    impl Pace for StoppedOnce {
        fn is_stopped(&self) -> bool {
            std::fs::metadata(&self.0).is_ok_and(|file| file.len() > 0)
        }
        fn rest(&self) {}
    }

    #[test]
    fn a_command_that_takes_long_is_ended_when_the_program_ends() {
        // A script's own child holds the lock for as long as it lives.
        let script =
            "flock \"$0\" sleep 600 & until ! flock -n \"$0\" true; do sleep 0.02; done; echo > \"$0\"; wait";
        let (dir, copies, whole) = ground(None, &[]);
        let lock = dir.path().join("lock");
        let words = ["sh", "-c", script, lock.to_str().unwrap()].map(str::to_owned).to_vec();
        let copies = Backup { second_command: words, ..copies };
        let pace: Arc<dyn Pace> = Arc::new(StoppedOnce(lock.clone()));
        let fault = carry(&copies, &whole, date(2027, 3, 2), &pace).unwrap_err();
        assert!(matches!(fault, SecondPlaceFault::Stopped(_)), "{fault}");
        let (lock, until) = (File::open(&lock).unwrap(), SystemClock.monotonic() + Duration::from_secs(10));
        while lock.try_lock().is_err() {
            assert!(SystemClock.monotonic() < until, "what the script started lives on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_copy_that_is_damaged_gets_no_name_there() {
        let (dir, copies, whole) = ground(Some("usb"), &[]);
        std::fs::create_dir(dir.path().join("usb")).unwrap();
        let mut bytes = std::fs::read(&whole).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xA5);
        std::fs::write(&whole, bytes).unwrap();
        assert!(carried(&copies, &whole, date(2027, 3, 2)).is_err());
        assert_eq!(std::fs::read_dir(dir.path().join("usb")).unwrap().count(), 0);
    }

    #[test]
    fn what_a_command_took_away_is_given_back_and_compared() {
        let (dir, copies, whole) = ground(None, &[]);
        let place = dir.path().join("remote");
        std::fs::create_dir(&place).unwrap();
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let fetch = format!("cp {}/\"$1\" \"$2\"", place.display());
        let copies = Backup {
            second_command: words(&["cp", "-t", place.to_str().unwrap()]),
            second_fetch: words(&["sh", "-c", &fetch, "fetch"]),
            ..copies
        };
        carried(&copies, &whole, date(2027, 3, 2)).unwrap();
        // A command that says that all is well and keeps nothing, or half of it.
        let silent = Backup { second_command: words(&["true"]), ..copies.clone() };
        std::fs::write(place.join("aftercare-2027-03-02.db"), b"half").unwrap();
        let fault = carried(&silent, &whole, date(2027, 3, 2)).unwrap_err().to_string();
        assert!(fault.contains("something else than the copy"), "{fault}");
        std::fs::remove_file(place.join("aftercare-2027-03-02.db")).unwrap();
        let fault = carried(&silent, &whole, date(2027, 3, 2)).unwrap_err().to_string();
        assert!(fault.contains("ended with"), "{fault}");
        assert!(!beside(&whole, ".back").exists());
        // One that gives nothing back: what lies there may be as it should be.
        let nothing = Backup { second_fetch: words(&["true"]), ..silent };
        let fault = carried(&nothing, &whole, date(2027, 3, 2)).unwrap_err().to_string();
        assert!(fault.contains("cannot be read: No such file"), "{fault}");
    }

    #[test]
    fn a_command_is_given_the_copy_and_its_key_and_its_failure_is_one() {
        let (dir, copies, whole) = ground(None, &["cp", "-t", "."]);
        let place = dir.path().join("remote");
        std::fs::create_dir(&place).unwrap();
        let command = ["cp", "-t", place.to_str().unwrap()].map(str::to_owned).to_vec();
        carried(&Backup { second_command: command, ..copies.clone() }, &whole, date(2027, 3, 2)).unwrap();
        assert!(place.join("aftercare-2027-03-02.db.key").exists());
        for (program, told) in [("false", "ended with"), ("/no/such/program", "cannot be started")] {
            let failing = Backup { second_command: vec![program.to_owned()], ..copies.clone() };
            let fault = carried(&failing, &whole, date(2027, 3, 2)).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
