//! The nightly copy: after two in the clinic's morning the database and its key go into `[backup] directory`. A copy gets
//! its name only when it is whole and sound; a name that is there is never written over.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::backup::{self, CopyFault};
use super::engine::{Engine, key_path};
use crate::care::task::Kind;
use crate::care::trust::{ClockTrust, Trusted};
use crate::store::tasks::NewTask;
use crate::store::{Stamp, StoreError, Tx};

/// The local hour after which the day's copy is due.
const HOUR: i8 = 2;
/// How often the loop looks.
const LOOK: Duration = Duration::from_secs(90);
/// How long it rests after a copy that failed.
const REST: Duration = Duration::from_secs(3600);
/// The fact that remembers the day.
const FACT: &str = "backup-on";
const CAUSE: &str = "backup";

/// Makes the copy of each day until stopped.
pub async fn copies(engine: watch::Receiver<Arc<Engine>>, stop: CancellationToken) {
    loop {
        let now = Arc::clone(&engine.borrow());
        let turn = watched(&now);
        let rest = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            made = turn => made.map_or(REST, |()| LOOK),
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Looks at the clock first: while it is in doubt no copy gets the name of a day, and none is removed for being old.
async fn watched(engine: &Engine) -> Result<(), CopyFault> {
    match engine.post.watch.look(&engine.clinic, &*engine.post.clock).await {
        Ok(ClockTrust::Sure(now)) => turn(engine, now).await,
        Ok(ClockTrust::Doubtful(..)) => Ok(()),
        Err(fault) => {
            tracing::error!(%fault, "the clock could not be compared; the nightly copy waits");
            Ok(())
        }
    }
}

/// Makes today's copy if it is due, and records it; a failure opens a task, and the next copy closes it.
///
/// # Errors
/// [`CopyFault`], which is logged already.
async fn turn(engine: &Engine, now: Trusted) -> Result<(), CopyFault> {
    let now = now.at();
    let done = async {
        let zone = engine.config.clinic.zone.clone();
        let recorded = engine.clinic.store.read(|view| view.fact(FACT))?;
        let Some(today) = due(&now.to_zoned(zone), recorded.as_deref()) else { return Ok(()) };
        let (database, backup) = (engine.clinic.store.path().to_owned(), engine.config.backup.clone());
        let job = move || keep(&database, &backup, today);
        tokio::task::spawn_blocking(job).await.map_err(std::io::Error::other)??;
        tracing::info!(%today, "the nightly copy is made");
        engine
            .clinic
            .store
            .write(Stamp::daemon(now), move |tx| made(tx, today))
            .await
            .map_err(CopyFault::Store)
    };
    let done: Result<(), CopyFault> = done.await;
    if let Err(fault) = &done {
        tracing::error!(%fault, "the nightly copy failed; trying again in an hour");
        let reason = format!("The nightly copy failed: {fault}.");
        if let Err(fault) = engine.clinic.store.write(Stamp::daemon(now), |tx| failed(tx, reason)).await {
            tracing::error!(%fault, "the failed copy could not be made a task");
        }
    }
    done
}

/// The day whose copy is due now, if its is not made yet.
fn due(now: &jiff::Zoned, recorded: Option<&str>) -> Option<Date> {
    let today = now.date();
    (now.hour() >= HOUR && recorded != Some(today.to_string().as_str())).then_some(today)
}

fn made(tx: &mut Tx<'_>, today: Date) -> Result<(), StoreError> {
    tx.set_fact(FACT, &today.to_string())?;
    tx.close_tasks_caused(Kind::BackupFailed, CAUSE, "a copy is made again")
}

fn failed(tx: &mut Tx<'_>, reason: String) -> Result<(), StoreError> {
    let (kind, cause, due_at) = (Kind::BackupFailed, CAUSE.to_owned(), tx.at());
    tx.open_task(&NewTask { kind, cause, patient: None, follow_up: None, reason, due_at }).map(drop)
}

/// Copies database and key under the day's name, then removes the oldest copies beyond those to keep.
fn keep(database: &Path, copies: &crate::config::Backup, today: Date) -> Result<(), CopyFault> {
    DirBuilder::new().recursive(true).mode(0o700).create(&copies.directory)?;
    let whole = copies.directory.join(format!("aftercare-{today}.db"));
    if whole.symlink_metadata().is_err() {
        let key = std::fs::read(key_path(database))?;
        backup::make(database, &whole, Some(&key))?;
    }
    Ok(prune(&copies.directory, today, usize::try_from(copies.keep).unwrap_or(usize::MAX))?)
}

/// Removes the oldest copies with their keys; whatever has another name is somebody else's. One of a day to come was named
/// by a wrong clock: it neither counts nor goes.
fn prune(directory: &Path, today: Date, keep: usize) -> std::io::Result<()> {
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        copies.extend(day(&path).filter(|day| *day <= today).map(|day| (day, path)));
    }
    copies.sort();
    copies.reverse();
    for (_, old) in copies.into_iter().skip(keep) {
        std::fs::remove_file(&old)?;
        drop(std::fs::remove_file(key_path(&old)));
    }
    Ok(())
}

/// The day of a copy, by its name alone.
fn day(path: &Path) -> Option<Date> {
    let name = path.file_name()?.to_str()?;
    let day: Date = name.strip_prefix("aftercare-")?.strip_suffix(".db")?.parse().ok()?;
    (name == format!("aftercare-{day}.db")).then_some(day)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;
    use jiff::civil::date;

    use super::*;
    use crate::config::Backup;
    use crate::store::{Open, Store, health};

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_copy_is_whole_its_owners_alone_and_only_the_newest_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (database, copies) = (dir.path().join("a.db"), dir.path().join("copies"));
        let store = Store::open(&database, Open::Create).unwrap();
        std::fs::write(key_path(&database), [7; 32]).unwrap();
        let backup = Backup { directory: copies.clone(), keep: 2 };
        std::fs::create_dir(&copies).unwrap();
        for foreign in ["aftercare-old.db", "aftercare-2020-01-01.db.txt", "before-2020-01-01.db"] {
            std::fs::write(copies.join(foreign), "mine").unwrap();
        }
        for day in 1..=4 {
            let stamp = Stamp::daemon(Timestamp::UNIX_EPOCH);
            store.write_blocking(stamp, move |tx| tx.set_fact("day", &day.to_string())).unwrap();
            keep(&database, &backup, date(2027, 3, day)).unwrap();
        }
        let stays = ["aftercare-2027-03-03.db", "aftercare-2027-03-04.db"];
        let mut expected = vec!["aftercare-2020-01-01.db.txt".to_owned(), "aftercare-old.db".to_owned()];
        expected.extend(stays.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.key")]));
        expected.push("before-2020-01-01.db".to_owned());
        expected.sort();
        assert_eq!(names(&copies), expected);
        for (name, day) in stays.into_iter().zip(["3", "4"]) {
            let copy = copies.join(name);
            assert_eq!(std::fs::read(key_path(&copy)).unwrap(), [7; 32]);
            for path in [&copy, &key_path(&copy)] {
                assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            assert_eq!(health::peek(&copy, |v| v.fact("day")).unwrap().as_deref(), Some(day));
        }
    }

    #[test]
    fn a_copy_named_by_a_clock_that_ran_ahead_takes_no_real_ones_place() {
        let dir = tempfile::tempdir().unwrap();
        let copies = dir.path();
        for day in ["2027-03-13", "2027-03-14", "2027-03-15", "2028-04-18"] {
            std::fs::write(copies.join(format!("aftercare-{day}.db")), "copy").unwrap();
        }
        prune(copies, date(2027, 3, 15), 2).unwrap();
        let stay = ["aftercare-2027-03-14.db", "aftercare-2027-03-15.db", "aftercare-2028-04-18.db"];
        assert_eq!(names(copies), stay);
    }

    #[test]
    fn a_copy_that_fails_leaves_the_older_ones_and_no_half_one() {
        let dir = tempfile::tempdir().unwrap();
        let (database, copies) = (dir.path().join("a.db"), dir.path().join("copies"));
        drop(Store::open(&database, Open::Create).unwrap());
        let backup = Backup { directory: copies.clone(), keep: 1 };
        std::fs::write(key_path(&database), [7; 32]).unwrap();
        keep(&database, &backup, date(2027, 3, 1)).unwrap();
        std::fs::remove_file(key_path(&database)).unwrap();
        assert!(keep(&database, &backup, date(2027, 3, 2)).is_err());
        assert_eq!(names(&copies), ["aftercare-2027-03-01.db", "aftercare-2027-03-01.db.key"]);
    }

    #[test]
    fn a_copy_is_due_once_a_day_after_two_in_the_clinics_morning() {
        let at = |text: &str| text.parse::<jiff::Zoned>().unwrap();
        let (early, late) =
            (at("2027-03-14T01:59[America/New_York]"), at("2027-03-14T03:00[America/New_York]"));
        assert_eq!(due(&early, None), None);
        assert_eq!(due(&late, Some("2027-03-13")), Some(date(2027, 3, 14)));
        assert_eq!(due(&late, Some("2027-03-14")), None);
    }

    #[test]
    fn a_failure_is_one_task_and_the_next_copy_closes_it() {
        let (_dir, store) = crate::store::tests::fresh();
        let stamp = || Stamp::daemon(Timestamp::UNIX_EPOCH);
        for _ in 0..2 {
            store.write_blocking(stamp(), |tx| failed(tx, "The disk is full.".to_owned())).unwrap();
        }
        let open = store.read(|v| v.tasks_open()).unwrap();
        assert_eq!(open.iter().map(|t| t.kind).collect::<Vec<_>>(), [Kind::BackupFailed]);
        store.write_blocking(stamp(), |tx| made(tx, date(2027, 3, 14))).unwrap();
        assert!(store.read(|v| v.tasks_open()).unwrap().is_empty());
        assert_eq!(store.read(|v| v.fact(FACT)).unwrap().as_deref(), Some("2027-03-14"));
    }
}
