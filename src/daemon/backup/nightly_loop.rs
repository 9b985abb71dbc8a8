//! When the copies are looked after: at each full minute, each piece of the work by itself ([`NightlyWork`]).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::care::time::clock_trust::{ClockTrust, Trusted};
use crate::daemon::assembly::engine::Engine;
use crate::daemon::backup::failed_copy::{AGAIN, failed};
use crate::daemon::backup::nightly_work::NightlyWork;
use crate::daemon::backup::{backup_watch, nightly, second_place};
use crate::daemon::monitoring::commit_probe::CommitProbe;
use crate::journey::operations::restore::rehearsal;
use crate::journey::operations::unreadable_rows;
use crate::store::db::transaction::Stamp;

/// How often the loop looks by itself, should no bell ring.
const LOOK: Duration = Duration::from_secs(90);
/// A copy that is not due has ended after so long, and what belongs to the copies is looked at in the same turn.
const MOMENT: Duration = Duration::from_secs(1);

/// Looks after the copies until stopped. The bell rings at each full minute, and so at the one for which the copy is due.
pub async fn copies(
    engine: watch::Receiver<Arc<Engine>>,
    bell: Arc<Notify>,
    probe: CommitProbe,
    stop: CancellationToken,
) {
    let mut works = NightlyWorks::default();
    loop {
        let now = Arc::clone(&engine.borrow());
        // The look over all records takes seconds in a large clinic; nobody waits for it at the end.
        let turn = async {
            works.looked_on = look_at_records(&now, &probe, works.looked_on).await;
            works.turn(&now, &stop).await;
            works.prove(&now, &probe);
        };
        stop.run_until_cancelled(turn).await;
        tokio::select! {
            biased;
            () = stop.cancelled() => return works.end().await,
            () = works.copied(now.post.clock.monotonic()) => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// The work there is, each beside the others.
#[derive(Default)]
struct NightlyWorks {
    copy: NightlyWork,
    second: NightlyWork,
    journal: NightlyWork,
    journal_files: NightlyWork,
    rehearsal: NightlyWork,
    /// The day on which all records were looked at, and the one on which the sent journal was.
    looked_on: Option<Date>,
    proved_on: Option<Date>,
    /// Until when a copy that failed rests.
    rests_until: Duration,
}

impl NightlyWorks {
    /// Looks at the clock first: while it is in doubt no copy gets the name of a day, and none is removed for being old.
    async fn turn(&mut self, engine: &Arc<Engine>, stop: &CancellationToken) {
        let monotonic = engine.post.clock.monotonic();
        self.tell(engine, monotonic).await;
        let now = match engine.post.watch.look(&engine.clinic, &*engine.post.clock).await {
            Ok(ClockTrust::Sure(now)) => now,
            Ok(ClockTrust::Doubtful(..)) => return,
            Err(fault) => {
                return tracing::error!(%fault, "the clock could not be compared; the nightly copy waits");
            }
        };
        if monotonic >= self.rests_until {
            let (engine, stop) = (Arc::clone(engine), stop.clone());
            self.copy.begin(monotonic, async move { nightly::turn(&engine, now, &stop).await.is_ok() });
        }
        drop(tokio::time::timeout(MOMENT, self.copied(monotonic)).await);
        self.beside(engine, now, stop);
    }

    /// What belongs to the copies besides making them.
    fn beside(&mut self, engine: &Arc<Engine>, now: Trusted, stop: &CancellationToken) {
        let (monotonic, at) = (engine.post.clock.monotonic(), now.at());
        let (one, token) = (Arc::clone(engine), stop.clone());
        self.second.begin(monotonic, async move { backup_watch::second(&one, at, &token).await });
        let one = Arc::clone(engine);
        self.journal.begin(monotonic, async move { backup_watch::journal(&one, at).await });
        let (one, token) = (Arc::clone(engine), stop.clone());
        self.rehearsal.begin(monotonic, async move { backup_watch::rehearsal(&one, at, &token).await });
    }

    /// Once a day, when all records could be read, the sent journal is proved against them. Its disk may hang: nothing waits for it.
    fn prove(&mut self, engine: &Arc<Engine>, probe: &CommitProbe) {
        if self.looked_on == self.proved_on || probe.is_whole().is_err() {
            return;
        }
        self.proved_on = self.looked_on;
        let (monotonic, at) = (engine.post.clock.monotonic(), engine.post.clock.now());
        let one = Arc::clone(engine);
        self.journal_files.begin(monotonic, async move { backup_watch::journal_files(&one, at).await });
    }

    /// Waits for a copy that is being made: what belongs to it is looked at as soon as it is there.
    async fn copied(&mut self, now: Duration) {
        if !self.copy.ended().await {
            self.rests_until = now + AGAIN;
        }
    }

    /// A stop ends the copy within a moment, and waits for it: no half one is left. Nothing else is waited for.
    async fn end(mut self) {
        if self.copy.is_running() {
            self.copy.ended().await;
        }
    }

    /// Makes a task of whatever has gone on for too long.
    async fn tell(&mut self, engine: &Engine, monotonic: Duration) {
        let backup = &engine.config.backup;
        let (copies, journal) = (backup.directory.display(), engine.config.database.journal.display());
        let second = second_place::name(backup);
        let waits = [
            (
                &mut self.copy,
                nightly::CAUSE,
                format!("The nightly copy is not made for an hour now: `{copies}`"),
            ),
            (
                &mut self.second,
                second_place::CAUSE,
                format!("The newest copy is on its way to its second place for an hour now: `{second}`"),
            ),
            (
                &mut self.journal_files,
                backup_watch::JOURNAL_FILES,
                format!("The sent journal has been looked at for an hour now: `{journal}`"),
            ),
            (
                &mut self.rehearsal,
                rehearsal::CAUSE,
                format!("A restore has been rehearsed for an hour now: `{copies}`"),
            ),
        ];
        for (work, cause, what) in waits {
            if work.is_overdue(monotonic) {
                told(engine, engine.post.clock.now(), cause, what).await;
            }
        }
    }
}

/// One task, until the work is done.
async fn told(engine: &Engine, now: Timestamp, cause: &'static str, what: String) {
    tracing::error!(cause, "work on the copies goes on for an hour; it is not begun anew until it ends");
    let reason = format!(
        "{what} does not answer, or is too slow. It is not tried anew before this try ends: look at that disk or its network; \
         a restart of the daemon begins anew."
    );
    let opened = engine.clinic.store.write(Stamp::daemon(now), move |tx| failed(tx, cause, reason));
    if let Err(fault) = opened.await {
        tracing::error!(%fault, "a place that does not answer could not be made a task");
    }
}

/// Once at the start, then once a day, every record is looked at: one that cannot be read must not wait for whoever needs it.
async fn look_at_records(engine: &Engine, probe: &CommitProbe, looked_on: Option<Date>) -> Option<Date> {
    let now = engine.post.clock.now();
    let today = now.to_zoned(engine.config.clinic.zone.clone()).date();
    if looked_on == Some(today) {
        return looked_on;
    }
    match unreadable_rows::look_at_all(&engine.clinic, now).await {
        Ok(_) => probe.note_damage(None),
        // Only a restore mends it, and a restore ends with a start.
        Err(fault) if fault.is_damaged() => {
            tracing::error!(%fault, "the database is damaged; its records are looked at again tomorrow, or at the next start");
            probe.note_damage(Some(fault.to_string()));
        }
        Err(fault) => {
            tracing::error!(%fault, "the records could not be looked at; again in a moment");
            return looked_on;
        }
    }
    Some(today)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;
    use crate::clock::{ManualClock, SeededEntropy};
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::demo::folder::{self, DemoFolder};
    use crate::store::database::tests::words;
    use crate::store::database::{OpenMode, Store};

    /// A clinic whose second place never answers: nobody writes into the pipe that the command reads.
    fn ground(directory: &std::path::Path) -> (Engine, Arc<ManualClock>) {
        let until: Timestamp = "2027-01-15T09:00:00Z".parse().unwrap();
        let place = DemoFolder { directory: directory.to_owned(), seed: 7, until, listeners: None };
        let clock = Arc::new(ManualClock::at(until));
        let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(1)) };
        let store = Store::open(&place.database(), OpenMode::Create).unwrap();
        let mut config = folder::config(&place).unwrap();
        let pipe = directory.join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        config.backup.second_command =
            ["sh", "-c", &format!("echo >> {0}.tries; cat {0}", pipe.display())].map(str::to_owned).to_vec();
        (Engine::open(&store, config, &Sources::shipped(), &world).unwrap(), clock)
    }

    async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..2000 {
            if is_so() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never: {what}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_place_that_hangs_is_told_after_an_hour_and_holds_nothing_else_up() {
        let dir = tempfile::tempdir().unwrap();
        let (engine, clock) = tokio::task::block_in_place(|| ground(dir.path()));
        let (store, bell, stop) =
            (engine.clinic.store.clone(), Arc::new(Notify::new()), CancellationToken::new());
        let (_keeps, engine) = watch::channel(Arc::new(engine));
        let loops = tokio::spawn(copies(engine, Arc::clone(&bell), CommitProbe::default(), stop.clone()));
        let tries = || std::fs::read_to_string(dir.path().join("pipe.tries")).unwrap_or_default().len();
        until("the copy is on its way", || {
            bell.notify_one();
            tries() == 1
        })
        .await;
        let is_open = || {
            store
                .read(|view| view.has_open(crate::care::task::TaskKind::BackupFailed, second_place::CAUSE))
                .unwrap()
        };
        assert!(!is_open());
        for _ in 0..3 {
            clock.advance(Duration::from_secs(1300));
            bell.notify_one();
        }
        until("a person is told", || {
            bell.notify_one();
            is_open()
        })
        .await;
        until("a restore is rehearsed", || store.read(rehearsal::on_record).unwrap().is_some()).await;
        assert_eq!(tries(), 1, "no second try beside the first");
        stop.cancel();
        loops.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sent_journal_whose_disk_hangs_stops_none_of_the_other_work() {
        let dir = tempfile::tempdir().unwrap();
        let (engine, clock) = tokio::task::block_in_place(|| ground(dir.path()));
        // Nobody writes into the pipe that the look at the journal reads.
        let journal = engine.config.database.journal.clone();
        std::fs::create_dir_all(&journal).unwrap();
        let segment = journal.join("sent-000001.jsonl");
        nix::unistd::mkfifo(&segment, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let (store, bell, stop) =
            (engine.clinic.store.clone(), Arc::new(Notify::new()), CancellationToken::new());
        let (_keeps, engine) = watch::channel(Arc::new(engine));
        let loops = tokio::spawn(copies(engine, Arc::clone(&bell), CommitProbe::default(), stop.clone()));
        until("a restore is rehearsed", || {
            bell.notify_one();
            store.read(|view| view.fact(crate::journey::start_list::BACKUP_ON)).unwrap().is_some()
        })
        .await;
        let is_open = || {
            let kind = crate::care::task::TaskKind::BackupFailed;
            store.read(|view| view.has_open(kind, backup_watch::JOURNAL_FILES)).unwrap()
        };
        assert!(!is_open());
        until("a person is told", || {
            clock.advance(Duration::from_secs(700));
            bell.notify_one();
            is_open()
        })
        .await;
        // Whoever opens the other end lets all of them go, and none comes after.
        let lets_go = std::fs::File::options().read(true).write(true).open(&segment).unwrap();
        std::fs::remove_file(&segment).unwrap();
        drop(lets_go);
        stop.cancel();
        loops.await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_file_is_told_once_and_looked_at_again_the_day_after() {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2027-01-15T09:00:00Z".parse().unwrap();
        let place = DemoFolder { directory: dir.path().to_owned(), seed: 7, until: now, listeners: None };
        let store = Store::open(&place.database(), OpenMode::Create).unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let world = World { clock: Arc::clone(&clock) as _, entropy: Arc::new(SeededEntropy::new(1)) };
        let config = folder::config(&place).unwrap();
        let open = || Engine::open(&store, config, &Sources::shipped(), &world).unwrap();
        let (engine, probe) = (tokio::task::block_in_place(open), CommitProbe::default());
        store.fold_log().unwrap();
        let ask = "SELECT CAST(rootpage AS TEXT) FROM sqlite_schema WHERE name = 'known_mark'";
        let root: u64 = store.read(|view| words(view, ask)).unwrap()[0].parse().unwrap();
        let file = std::fs::File::options().read(true).write(true).open(store.path()).unwrap();
        let (page, mut whole) = ((root - 1) * 4096, [0; 4096]);
        file.read_exact_at(&mut whole, page).unwrap();
        file.write_all_at(&[0xA5; 4096], page).unwrap();
        let today = now.to_zoned(engine.config.clinic.zone.clone()).date();
        assert_eq!(look_at_records(&engine, &probe, None).await, Some(today));
        assert!(probe.is_whole().is_err());
        // It is not read again today, whole or not: the log would say so each minute.
        file.write_all_at(&whole, page).unwrap();
        assert_eq!(look_at_records(&engine, &probe, Some(today)).await, Some(today));
        assert!(probe.is_whole().is_err());
        clock.advance_to(now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap());
        assert_eq!(look_at_records(&engine, &probe, Some(today)).await, today.tomorrow().ok());
        assert!(probe.is_whole().is_ok());
    }
}
