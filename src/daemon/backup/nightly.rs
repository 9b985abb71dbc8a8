//! The nightly copy: after two in the clinic's morning the database and its key go into `[backup] directory`. A copy gets
//! its name only when it is whole and sound. What lies there under its name is proved, not believed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use tokio_util::sync::CancellationToken;

use super::{copy_pace, online};
use crate::care::time::clock_trust::Trusted;
use crate::config::sections::backup::Backup;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::backup::copy_retention::{day, named, prune};
use crate::daemon::backup::failed_copy::{failed, mended};
use crate::daemon::backup::online::{CopyFault, CopyJob};
use crate::daemon::files::key_file::{self, KeyFault};
use crate::journey::start_list;
use crate::store::database::Store;
use crate::store::db::copy::{self, CopyOrigin};
use crate::store::db::encryption::paths::key_path;
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;

/// The fact that remembers the day.
const FACT: &str = start_list::BACKUP_ON;
/// The cause of the task about a copy that is not made.
pub(in crate::daemon::backup) const CAUSE: &str = "backup";
/// The cause of the task about a copy that was none.
const UNSOUND: &str = "backup-unsound";
/// The name under which a copy that is none is kept.
const ASIDE: &str = "aftercare-unsound.db";
/// Where a day's copy goes of what the database was before a backup was restored.
const BEFORE: &str = "aftercare-before-restore.db";

/// A day whose copy is due, and when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    on: Date,
    began: Timestamp,
}

/// What became of a day's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CopyOutcome {
    /// It is made, or lay there and is sound.
    Sound,
    /// What lay there under its name was no copy of that day, for this reason, and was set aside. It is made anew.
    Anew(String),
}

/// Makes today's copy if it is due, and records it; a failure opens a task, and the next copy closes it.
///
/// # Errors
/// [`CopyFault`], which is logged already.
pub(in crate::daemon::backup) async fn turn(
    engine: &Engine,
    now: Trusted,
    stop: &CancellationToken,
) -> Result<(), CopyFault> {
    let (now, pace) = (now.at(), copy_pace::in_the_night(engine, stop));
    let done = async {
        let (store, backup) = (engine.clinic.store.clone(), engine.config.backup.clone());
        let recorded = store.read(|view| view.fact(FACT))?;
        let recorded = made_before(recorded, &backup).await?;
        let here = now.to_zoned(engine.config.clinic.zone.clone());
        let Some(day) = due(&here, backup.at, recorded.as_deref()) else { return Ok(()) };
        let job = move || keep(&store, &backup, day, &pace);
        let kept = tokio::task::spawn_blocking(job).await.map_err(std::io::Error::other)??;
        tracing::info!(today = %day.on, "the nightly copy is made");
        let store = &engine.clinic.store;
        store.write(Stamp::daemon(now), move |tx| made(tx, day.on, &kept)).await.map_err(CopyFault::Store)
    };
    let done: Result<(), CopyFault> = done.await;
    if let Err(fault) = &done
        && !stop.is_cancelled()
    {
        tracing::error!(%fault, "the nightly copy failed; trying again in an hour");
        let reason = format!("The nightly copy failed: {fault}.");
        if let Err(fault) =
            engine.clinic.store.write(Stamp::daemon(now), |tx| failed(tx, CAUSE, reason)).await
        {
            tracing::error!(%fault, "the failed copy could not be made a task");
        }
    }
    done
}

/// The day that is recorded, where its copy lies there: one that is gone is not made. The directory may be another machine's that
/// does not answer.
async fn made_before(recorded: Option<String>, backup: &Backup) -> std::io::Result<Option<String>> {
    let Some(on) = recorded else { return Ok(None) };
    let copy = backup.directory.join(named(&on));
    let is_there = tokio::task::spawn_blocking(move || copy.exists()).await;
    Ok(is_there.map_err(std::io::Error::other)?.then_some(on))
}

/// The day whose copy is due now, if its is not made yet.
fn due(now: &jiff::Zoned, at: Time, recorded: Option<&str>) -> Option<Day> {
    let (on, began) = (now.date(), now.start_of_day().map_or(now.timestamp(), |began| began.timestamp()));
    (now.time() >= at && recorded != Some(on.to_string().as_str())).then_some(Day { on, began })
}

/// A copy that had to be set aside is told until a later day's is made without.
fn made(tx: &mut Tx<'_>, today: Date, kept: &CopyOutcome) -> Result<(), StoreError> {
    tx.set_fact(FACT, &today.to_string())?;
    mended(tx, CAUSE, "a copy is made again")?;
    match kept {
        CopyOutcome::Sound => mended(tx, UNSOUND, "the next copy is sound"),
        CopyOutcome::Anew(why) => {
            let reason = format!(
                "The copy {} was no copy of that day: {why}. It is {ASIDE} now, and a new one is made. Look at the disk and the clock.",
                named(&today.to_string())
            );
            failed(tx, UNSOUND, reason)
        }
    }
}

/// Copies database and key under the day's name, then removes the oldest copies beyond those to keep. What lies there already
/// is believed only if it is a whole copy with everything from before that day, and the key.
fn keep(store: &Store, copies: &Backup, day: Day, pace: &Arc<dyn Pace>) -> Result<CopyOutcome, CopyFault> {
    DirBuilder::new().recursive(true).mode(0o700).create(&copies.directory)?;
    let whole = copies.directory.join(named(&day.on.to_string()));
    let key = online::key_of(store.path())?.ok_or_else(|| KeyFault::Lost(key_path(store.path())))?;
    let why = match whole.symlink_metadata() {
        Ok(_) => Some(match other_key(&whole, &key) {
            Some(why) => WhatLay::None(why),
            None => what_lies(store, &whole, day.began, pace)?,
        }),
        Err(_) => None,
    };
    match &why {
        Some(WhatLay::None(why)) => {
            tracing::error!(today = %day.on, why, "what lay there as the nightly copy is none");
            set_aside(&whole, ASIDE)?;
        }
        Some(WhatLay::BeforeRestore) => {
            tracing::info!(today = %day.on, name = BEFORE, "the copy of before the restore is kept, and a new one is made");
            set_aside(&whole, BEFORE)?;
        }
        Some(WhatLay::Copy) | None => {}
    }
    if why != Some(WhatLay::Copy) {
        online::make(&CopyJob { database: store.path(), whole: &whole, key: Some(&key), pace })?;
    }
    prune(&copies.directory, copies.keep, day.on)?;
    Ok(match why {
        Some(WhatLay::None(why)) => CopyOutcome::Anew(why),
        _ => CopyOutcome::Sound,
    })
}

/// Why the key beside it is not the database's, if it is not.
fn other_key(whole: &Path, key: &[u8; 32]) -> Option<String> {
    match key_file::read(&key_path(whole)) {
        Ok(beside) if beside.as_ref() == Some(key) => None,
        Ok(_) => Some("the key beside it is not the database's".to_owned()),
        Err(fault) => Some(fault.to_string()),
    }
}

/// What lay under the name of a day's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
enum WhatLay {
    /// A copy of this database with everything from before that day.
    Copy,
    /// One of what the database was before a backup was restored.
    BeforeRestore,
    /// No copy, for this reason.
    None(String),
}

/// What lies there, as the copy of a day that began then.
fn what_lies(
    store: &Store,
    whole: &Path,
    began: Timestamp,
    pace: &Arc<dyn Pace>,
) -> Result<WhatLay, CopyFault> {
    match store.read(|view| copy::prove(view, whole, began, pace)) {
        Ok(CopyOrigin::Same) => Ok(WhatLay::Copy),
        Ok(CopyOrigin::BeforeRestore) => Ok(WhatLay::BeforeRestore),
        Err(fault) if fault.is_stopped() => Err(fault.into()),
        Err(fault) => Ok(WhatLay::None(fault.to_string())),
    }
}

/// One that is no copy is kept for whoever wants to know why; only the newest.
fn set_aside(whole: &Path, name: &str) -> std::io::Result<()> {
    let aside = whole.with_file_name(name);
    if key_path(whole).exists() {
        std::fs::rename(key_path(whole), key_path(&aside))?;
    }
    std::fs::rename(whole, aside)
}

/// The newest nightly copy that lies somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NightlyCopy {
    /// The clinic's day that it is of.
    pub on: Date,
    /// When it was written.
    pub made_at: Timestamp,
    /// How large it is.
    pub bytes: u64,
}

/// The newest copy in a directory, by its name; `None` while there is none, or none can be seen.
#[must_use]
pub fn newest(directory: &Path) -> Option<NightlyCopy> {
    let copies = std::fs::read_dir(directory).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let (on, path) = copies.filter_map(|path| Some((day(&path)?, path))).max()?;
    let file = path.metadata().ok()?;
    let made_at = Timestamp::try_from(file.modified().ok()?).ok()?;
    Some(NightlyCopy { on, made_at, bytes: file.len() })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::care::task::TaskKind;

    use jiff::civil::date;

    use super::*;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::config::sections::backup::CopyRetention;
    use crate::daemon::backup::copy_pace::CopyPace;
    use crate::store::audit_action::AuditAction;
    use crate::store::database::OpenMode;
    use crate::store::db::health;
    use crate::store::db::online::pace::NoPace;

    const EARLY: Timestamp = Timestamp::UNIX_EPOCH;
    const TWO: Time = Time::constant(2, 0, 0, 0);

    /// A clinic with its key, and a directory for copies.
    fn ground(keep: u32) -> (tempfile::TempDir, Store, Backup) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        key_file::open(&store, &SystemEntropy, EARLY).unwrap();
        let keep = CopyRetention { daily: keep, weekly: 0, monthly: 0 };
        let (directory, at) = (dir.path().join("copies"), TWO);
        let backup = Backup {
            directory,
            at,
            keep,
            second: None,
            second_command: Vec::new(),
            second_fetch: Vec::new(),
        };
        (dir, store, backup)
    }

    fn kept(store: &Store, copies: &Backup, day: Day) -> Result<CopyOutcome, CopyFault> {
        keep(store, copies, day, &(Arc::new(NoPace) as _))
    }

    fn on(day: Date) -> Day {
        Day { on: day, began: day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp() }
    }

    fn note(store: &Store, at: Timestamp) {
        let job = |tx: &mut Tx<'_>| {
            tx.audit(
                AuditAction::KeyNoted,
                crate::store::subject::Singleton::Database,
                &serde_json::json!({}),
            )
        };
        store.write_blocking(Stamp::daemon(at), job).unwrap();
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_copy_is_whole_its_owners_alone_and_only_the_newest_stay() {
        let (_dir, store, backup) = ground(2);
        let copies = backup.directory.clone();
        std::fs::create_dir(&copies).unwrap();
        for foreign in ["aftercare-old.db", "aftercare-2020-01-01.db.txt", "before-2020-01-01.db"] {
            std::fs::write(copies.join(foreign), "mine").unwrap();
        }
        for day in 1..=4 {
            let stamp = Stamp::daemon(Timestamp::UNIX_EPOCH);
            store.write_blocking(stamp, move |tx| tx.set_fact("day", &day.to_string())).unwrap();
            kept(&store, &backup, on(date(2027, 3, day))).unwrap();
        }
        let stays = ["aftercare-2027-03-03.db", "aftercare-2027-03-04.db"];
        let mut expected = vec!["aftercare-2020-01-01.db.txt".to_owned(), "aftercare-old.db".to_owned()];
        expected.extend(stays.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.key")]));
        expected.push("before-2020-01-01.db".to_owned());
        expected.sort();
        assert_eq!(names(&copies), expected);
        for (name, day) in stays.into_iter().zip(["3", "4"]) {
            let copy = copies.join(name);
            assert_eq!(
                std::fs::read(key_path(&copy)).unwrap(),
                std::fs::read(key_path(store.path())).unwrap()
            );
            for path in [&copy, &key_path(&copy)] {
                assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            assert_eq!(health::peek(&copy, |v| v.fact("day")).unwrap().as_deref(), Some(day));
        }
    }

    #[test]
    fn a_copy_named_by_a_clock_that_ran_ahead_takes_no_real_ones_place() {
        let ((ground, store, _), dir) = (ground(1), tempfile::tempdir().unwrap());
        drop(store);
        let copies = dir.path();
        for day in ["2027-03-13", "2027-03-14", "2027-03-15", "2028-04-18"] {
            std::fs::copy(ground.path().join("a.db"), copies.join(format!("aftercare-{day}.db"))).unwrap();
        }
        prune(copies, CopyRetention { daily: 2, weekly: 0, monthly: 0 }, date(2027, 3, 15)).unwrap();
        let stay = ["aftercare-2027-03-14.db", "aftercare-2027-03-15.db", "aftercare-2028-04-18.db"];
        assert_eq!(names(copies), stay);
    }

    #[test]
    fn a_copy_that_fails_leaves_the_older_ones_and_no_half_one() {
        let (_dir, store, backup) = ground(1);
        kept(&store, &backup, on(date(2027, 3, 1))).unwrap();
        std::fs::remove_file(key_path(store.path())).unwrap();
        assert!(kept(&store, &backup, on(date(2027, 3, 2))).is_err());
        assert_eq!(names(&backup.directory), ["aftercare-2027-03-01.db", "aftercare-2027-03-01.db.key"]);
    }

    #[test]
    fn the_copy_of_this_night_is_no_damaged_one_after_an_older_backup_was_restored() {
        let (dir, store, backup) = ground(9);
        let today = on(date(2027, 3, 2));
        let (older, key) = (dir.path().join("b.db"), std::fs::read(key_path(store.path())).unwrap());
        store.read(|view| view.copy_to(&older, &NoPace)).unwrap();
        std::fs::write(key_path(&older), key).unwrap();
        note(&store, today.began);
        kept(&store, &backup, today).unwrap();
        // The backup of the day before takes the database's place.
        let restored = Store::open(&older, OpenMode::Existing).unwrap();
        let job = |tx: &mut Tx<'_>| {
            let whole = crate::store::subject::Singleton::Database;
            tx.audit(AuditAction::DatabaseRestored, whole, &serde_json::json!({}))
        };
        restored.write_blocking(Stamp::daemon(today.began), job).unwrap();
        assert_eq!(kept(&restored, &backup, today).unwrap(), CopyOutcome::Sound);
        assert!(backup.directory.join(BEFORE).exists() && !backup.directory.join(ASIDE).exists());
        assert_eq!(kept(&restored, &backup, today).unwrap(), CopyOutcome::Sound, "the new one is its own");
        // Another clinic's is none, restore or not.
        let (_other, foreign, _) = ground(9);
        note(&foreign, today.began);
        let whole = backup.directory.join(named("2027-03-02"));
        std::fs::remove_file(&whole).unwrap();
        foreign.read(|view| view.copy_to(&whole, &NoPace)).unwrap();
        assert!(matches!(kept(&restored, &backup, today), Ok(CopyOutcome::Anew(_))));
    }

    #[test]
    fn what_lies_there_under_the_days_name_is_proved_and_made_anew_if_it_is_none() {
        let today = on(date(2027, 3, 2));
        type Spoil = fn(&Path, &Store);
        let spoils: [(&str, Spoil); 6] = [
            ("empty", |whole, _| std::fs::write(whole, []).unwrap()),
            ("text", |whole, _| std::fs::write(whole, "no database ".repeat(1000)).unwrap()),
            ("torn", |whole, _| {
                let mut bytes = std::fs::read(whole).unwrap();
                let half = bytes.len() / 2;
                bytes[half..].fill(0xA5);
                std::fs::write(whole, bytes).unwrap();
            }),
            ("cut off", |whole, _| {
                let bytes = std::fs::read(whole).unwrap();
                std::fs::write(whole, &bytes[..bytes.len() / 2]).unwrap();
            }),
            ("without its key", |whole, _| std::fs::remove_file(key_path(whole)).unwrap()),
            // It was made while the clock was a month ahead; much has happened before that day came.
            ("of a wrong clock", |_, store| note(store, "2027-03-01T12:00:00Z".parse().unwrap())),
        ];
        for (name, spoil) in spoils {
            let (_dir, store, backup) = ground(3);
            note(&store, "2027-02-01T12:00:00Z".parse().unwrap());
            assert_eq!(kept(&store, &backup, today).unwrap(), CopyOutcome::Sound);
            assert_eq!(kept(&store, &backup, today).unwrap(), CopyOutcome::Sound, "a sound one stays");
            let whole = backup.directory.join("aftercare-2027-03-02.db");
            spoil(&whole, &store);
            let again = kept(&store, &backup, today).unwrap();
            assert!(matches!(again, CopyOutcome::Anew(_)), "{name}");
            assert_eq!(kept(&store, &backup, today).unwrap(), CopyOutcome::Sound, "{name}");
            assert!(backup.directory.join(ASIDE).exists(), "{name}");
        }
    }

    #[test]
    fn a_stop_ends_a_copy_leaves_no_half_one_and_does_not_doubt_the_one_that_lies_there() {
        let (_dir, store, backup) = ground(3);
        note(&store, "2027-03-01T12:00:00Z".parse().unwrap());
        let (today, stop) = (on(date(2027, 3, 2)), CancellationToken::new());
        stop.cancel();
        let pace: Arc<dyn Pace> = Arc::new(CopyPace::beside(store.path(), 1, Arc::new(SystemClock), stop));
        let stopped = || match keep(&store, &backup, today, &pace) {
            Err(CopyFault::Store(fault)) => fault.is_stopped(),
            _ => false,
        };
        assert!(stopped());
        assert!(names(&backup.directory).is_empty());
        kept(&store, &backup, today).unwrap();
        assert!(stopped());
        assert_eq!(kept(&store, &backup, today).unwrap(), CopyOutcome::Sound);
    }

    #[test]
    fn what_a_power_cut_left_of_an_earlier_copy_goes() {
        let (_dir, store, backup) = ground(3);
        std::fs::create_dir(&backup.directory).unwrap();
        for name in ["aftercare-2027-03-01.db.part", "aftercare-2027-03-01.db.part.key", "mine.db.part"] {
            std::fs::write(backup.directory.join(name), "half").unwrap();
        }
        kept(&store, &backup, on(date(2027, 3, 2))).unwrap();
        let stay = ["aftercare-2027-03-02.db", "aftercare-2027-03-02.db.key", "mine.db.part"];
        assert_eq!(names(&backup.directory), stay);
    }

    #[test]
    fn a_copy_made_after_midnight_stays_good_while_the_day_goes_on() {
        let (_dir, store, backup) = ground(3);
        note(&store, "2027-03-01T12:00:00Z".parse().unwrap());
        kept(&store, &backup, on(date(2027, 3, 2))).unwrap();
        note(&store, "2027-03-02T12:00:00Z".parse().unwrap());
        assert_eq!(kept(&store, &backup, on(date(2027, 3, 2))).unwrap(), CopyOutcome::Sound);
    }

    #[test]
    fn names_of_days_to_come_and_what_is_no_database_take_no_real_copys_place() {
        let (_dir, store, backup) = ground(2);
        for day in 1..=2 {
            kept(&store, &backup, on(date(2027, 3, day))).unwrap();
        }
        for name in ["aftercare-2031-01-01.db", "aftercare-2031-01-02.db", "aftercare-2032-01-01.db"] {
            std::fs::copy(backup.directory.join("aftercare-2027-03-01.db"), backup.directory.join(name))
                .unwrap();
        }
        std::fs::write(backup.directory.join("aftercare-2027-02-28.db"), "").unwrap();
        kept(&store, &backup, on(date(2027, 3, 3))).unwrap();
        let all = names(&backup.directory);
        for name in ["aftercare-2027-03-02.db", "aftercare-2027-03-03.db", "aftercare-2031-01-01.db"] {
            assert!(all.contains(&name.to_owned()), "{all:?}");
        }
        assert!(!all.contains(&"aftercare-2027-03-01.db".to_owned()), "{all:?}");
    }

    #[test]
    fn a_copy_is_due_once_a_day_after_two_in_the_clinics_morning() {
        let at = |text: &str| text.parse::<jiff::Zoned>().unwrap();
        let (early, late) =
            (at("2027-03-14T01:59[America/New_York]"), at("2027-03-14T03:00[America/New_York]"));
        assert_eq!(due(&early, TWO, None), None);
        assert_eq!(due(&late, TWO, Some("2027-03-13")).unwrap().on, date(2027, 3, 14));
        assert_eq!(due(&late, TWO, Some("2027-03-14")), None);
    }

    #[test]
    fn a_failure_is_one_task_and_the_next_copy_closes_it() {
        let (_dir, store) = crate::store::database::tests::fresh();
        let stamp = || Stamp::daemon(Timestamp::UNIX_EPOCH);
        for _ in 0..2 {
            store.write_blocking(stamp(), |tx| failed(tx, CAUSE, "The disk is full.".to_owned())).unwrap();
        }
        let open = store.read(|v| v.tasks_open()).unwrap();
        assert_eq!(open.iter().map(|t| t.kind).collect::<Vec<_>>(), [TaskKind::BackupFailed]);
        let anew = CopyOutcome::Anew("it is empty".to_owned());
        store.write_blocking(stamp(), move |tx| made(tx, date(2027, 3, 13), &anew)).unwrap();
        assert_eq!(store.read(|v| v.tasks_open()).unwrap()[0].cause, UNSOUND, "a person must know");
        store.write_blocking(stamp(), |tx| made(tx, date(2027, 3, 14), &CopyOutcome::Sound)).unwrap();
        assert!(store.read(|v| v.tasks_open()).unwrap().is_empty());
        assert_eq!(store.read(|v| v.fact(FACT)).unwrap().as_deref(), Some("2027-03-14"));
    }
}
