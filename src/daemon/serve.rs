//! `serve`: hangs the bells, starts the loops and the pages, obeys signals, and finishes the letters in hand at the end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::bells::{BellSettings, Bells};
use super::mailbox::{self, MailboxLoop};
use super::reload::{InForce, Reload, renew, renew_settings};
use super::systemd::{self, HealthCheck, InheritedSockets};
use super::{heartbeat, listeners};
use crate::care::time::zone;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::backup::{erased_traces, nightly_loop};
use crate::daemon::listeners::{Listeners, WebServers};
use crate::daemon::loops::{LoopHandles, LoopTasks};
use crate::daemon::monitoring::commit_probe::CommitProbe;
use crate::daemon::monitoring::loop_liveness::LoopLiveness;
use crate::daemon::monitoring::schema_check;
use crate::daemon::monitoring::scrape::Scrape;
use crate::daemon::wake::clock_jump::{self, JumpReceiver, JumpSender};
use crate::daemon::wake::wake_timer::WakeTimer;
use crate::daemon::wake_socket::{self, WakeRequest, WakeSocket};
use crate::journey::delivery::send_one::LAST_WORDS;
use crate::journey::errors::account::AccountError;
use crate::journey::operations::{accounts, clock_watch};
use crate::store::database::Store;
use crate::store::db::health;
use crate::store::error::StoreError;
use crate::telemetry::metrics::MetricFault;

/// How long letters in hand may take at the end, and the record of them; what is not done then is marked unknown at the next
/// start. systemd waits longer (`TimeoutStopSec`).
const GRACE: Duration = LAST_WORDS.saturating_add(Duration::from_secs(4));

/// The net under the bells: what staff decided is looked for so often, should no bell have told of it.
const SLOW_LOOK: Duration = Duration::from_secs(90);

/// Why the daemon could not start, or ended unasked.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The socket by which commands reach the daemon cannot be made.
    #[error("the daemon's socket `{0}` cannot be made: {1}")]
    Socket(String, std::io::Error),
    /// The bells could not be hung.
    #[error("the scheduler did not start: {0}")]
    Bells(#[from] super::bells::BellFault),
    /// The pages cannot be shown.
    #[error(transparent)]
    Pages(#[from] listeners::PagesFault),
    /// The metrics contradict each other.
    #[error("the metrics cannot be kept: {0}")]
    Metrics(#[from] MetricFault),
    /// The database is not what it was when the daemon began.
    #[error(transparent)]
    Database(StoreError),
    /// Nobody could sign in.
    #[error("no password can be checked: {0}")]
    Passwords(#[from] AccountError),
    /// A loop is gone: without it the daemon would look well and not do its work.
    #[error("a loop of the daemon ended before it was told to: {0}")]
    Gone(String),
}

/// What the daemon was given by whoever started it.
pub struct Given {
    /// Reads the configuration again.
    pub reload: Arc<Reload>,
    /// What may be said to it.
    pub signals: Signals,
    /// Sockets that stay open over a restart.
    pub sockets: InheritedSockets,
}

/// Runs the daemon until SIGTERM or SIGINT. The caller holds the database's lock.
///
/// # Errors
/// [`ServeFault`] when it cannot start, or when a loop is gone; whatever else fails is tried again.
pub async fn serve(engine: Engine, given: Given) -> Result<(), ServeFault> {
    let (web, Given { reload, signals, sockets }) = (&engine.config.web, given);
    let listeners = Listeners::open(web.listen, web.console_listen, sockets).await?;
    if let Err(fault) = listeners.note(&engine.clinic.store, engine.post.clock.now()).await {
        tracing::error!(%fault, "what `doctor` says of the sockets could not be written down");
    }
    serve_at(listeners, engine, reload, signals).await
}

/// The same on listeners that are bound already.
///
/// # Errors
/// As [`serve`].
pub async fn serve_at(
    listeners: Listeners,
    engine: Engine,
    reload: Arc<Reload>,
    signals: Signals,
) -> Result<(), ServeFault> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::task::spawn_blocking(accounts::make_ready).await.map_err(std::io::Error::other)??;
    let poked = WakeSocket::bind(engine.clinic.store.path()).map_err(|error| {
        ServeFault::Socket(wake_socket::place(engine.clinic.store.path()).display().to_string(), error)
    })?;
    let (furnish, app) = watch::channel(listeners::app(&engine)?);
    let (set, current) = watch::channel(Arc::new(engine));
    let stop = CancellationToken::new();
    let handles = LoopHandles::of(&current.borrow().clinic.bells);
    let decided = Arc::clone(&current.borrow().clinic.bells.settings);
    let (tell, jumps) = clock_jump::pair();
    let bells = hang(&current, &handles, tell).await?;
    let mut loops = start(&current, &handles, &jumps, &stop);
    let scrape = Scrape::new(current.clone(), loops.health.clone())?;
    let ops = listeners::ops(scrape, current.clone(), loops.health.clone());
    WebServers { listeners, app, ops }.serve(&mut loops.all, &stop);

    systemd::ready("keeping promises");
    schema_check::look(current.borrow().clinic.store.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), zones = zone::version(), "ready");
    let mut requests = Requests { poked, decided, signals, reload };
    let in_force = InForce { engine: &set, pages: &furnish, handles: &handles };
    // What is wanted may take a while to build: an end is heard meanwhile.
    let ended = tokio::select! {
        never = requests.obey(in_force) => match never {},
        _ = term.recv() => Ok(()),
        _ = int.recv() => Ok(()),
        Some(gone) = loops.all.join_next() => Err(why(gone, &current.borrow().clinic.store)),
    };
    if let Err(fault) = &ended {
        tracing::error!(%fault, "the daemon ends, so that whoever watches it starts it anew");
    }
    systemd::stopping();
    tracing::info!("stopping: finishing the letters in hand");
    stop.cancel();
    drop(bells);
    let finish = async { while loops.all.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        loops.tell_left();
        loops.all.abort_all();
    }
    tracing::info!("stopped");
    ended
}

/// By what the daemon hears what is wanted of it.
struct Requests {
    poked: WakeSocket,
    decided: Arc<Notify>,
    signals: Signals,
    reload: Arc<Reload>,
}

impl Requests {
    /// Does one thing after the other, for ever.
    async fn obey(&mut self, in_force: InForce<'_>) -> Infallible {
        let mut look = tokio::time::interval(SLOW_LOOK);
        loop {
            tokio::select! {
                request = self.poked.heard() => match request {
                    WakeRequest::Work => {
                        in_force.handles.ring();
                        renew_settings(in_force).await;
                    }
                    WakeRequest::Reload(from) => {
                        let outcome = renew(in_force, &self.reload).await;
                        self.poked.answer(&from, &outcome);
                    }
                },
                () = self.decided.notified() => renew_settings(in_force).await,
                _ = look.tick() => renew_settings(in_force).await,
                // Nobody waits for an answer; the log has said it.
                _ = self.signals.hup.recv() => drop(renew(in_force, &self.reload).await),
            }
        }
    }
}

/// A doubt of an earlier run says nothing more by itself, and nothing falls due while it stands.
fn tell_doubt(engine: &Engine) {
    let clock = &*engine.post.clock;
    match engine.clinic.store.read(|view| clock_watch::doubt_on_record(view, clock)) {
        Ok(Some(doubt)) => {
            tracing::warn!(%doubt, "the clock is in doubt: nothing falls due, and letters to patients are held");
        }
        Ok(None) => {}
        Err(fault) => tracing::error!(%fault, "whether the clock is in doubt could not be read"),
    }
}

/// What turns, and its signs of life.
struct Loops {
    all: JoinSet<()>,
    /// Those of them that carry letters.
    carriers: Vec<AbortHandle>,
    health: HealthCheck,
}

impl Loops {
    /// Whether a letter may still be on the wire.
    fn is_carrying(&self) -> bool {
        self.carriers.iter().any(|carrier| !carrier.is_finished())
    }

    /// What has not come to its end in time: a letter on the wire, or something that means nothing for any letter.
    fn tell_left(&self) {
        match self.is_carrying() {
            true => tracing::warn!("a letter in hand was left; it is marked unknown at the next start"),
            false => tracing::warn!(
                "no letter was in hand, and something else did not come to its end: a copy, the mailbox, a call or a page"
            ),
        }
    }
}

/// The bell of the full minute rings every loop, and whoever looks for what staff decided: who is on the ladder goes by the day.
async fn hang(
    current: &watch::Receiver<Arc<Engine>>,
    handles: &LoopHandles,
    jumps: JumpSender,
) -> Result<Bells, ServeFault> {
    let (engine, mut who) = (Arc::clone(&current.borrow()), handles.all());
    who.push(Arc::clone(&engine.clinic.bells.settings));
    let clock = Arc::clone(&engine.post.clock);
    Ok(Bells::hang(BellSettings { who, clock, jumps }).await?)
}

fn start(
    current: &watch::Receiver<Arc<Engine>>,
    handles: &LoopHandles,
    jumps: &JumpReceiver,
    stop: &CancellationToken,
) -> Loops {
    let health = HealthCheck { liveness: LoopLiveness::default(), probe: CommitProbe::default() };
    let mut loops = Loops { all: JoinSet::new(), carriers: Vec::new(), health: health.clone() };
    let (all, HealthCheck { liveness, probe }) = (&mut loops.all, health.clone());
    let copies =
        nightly_loop::copies(current.clone(), Arc::clone(&handles.copies), probe.clone(), stop.clone());
    tell_doubt(&current.borrow());
    let now = current.borrow().post.clock.awake();
    liveness.beat(now);
    // Opening the database has just written to it.
    probe.note(now, Ok(()));
    let turns = LoopTasks {
        engine: current.clone(),
        handles: handles.clone(),
        liveness,
        cleared: CancellationToken::new(),
        stop: stop.clone(),
    };
    all.spawn(turns.clone().plan());
    loops.carriers.push(all.spawn(turns.clone().carry()));
    all.spawn(turns.clone().alert());
    loops.carriers.push(all.spawn(turns.clone().tell()));
    all.spawn(turns.call());
    let timer = WakeTimer {
        engine: current.clone(),
        handles: handles.clone(),
        jumps: jumps.clone(),
        stop: stop.clone(),
    };
    all.spawn(timer.run());
    all.spawn(mailbox::follow(MailboxLoop {
        engine: current.clone(),
        handles: handles.clone(),
        jumps: jumps.clone(),
        stop: stop.clone(),
    }));
    all.spawn(systemd::watchdog(current.clone(), health.clone(), stop.clone()));
    all.spawn(probe.run(current.clone(), jumps.clone(), stop.clone()));
    all.spawn(copies);
    all.spawn(erased_traces::gone(current.clone(), stop.clone()));
    all.spawn(heartbeat::beat(current.clone(), health, jumps.clone(), stop.clone()));
    loops
}

/// Why a loop is gone: because of the database, where that is known.
fn why(gone: Result<(), JoinError>, store: &Store) -> ServeFault {
    if let Err(fault) = store.keeps_its_files().and_then(|()| health::is_no_newer(store.path())) {
        return ServeFault::Database(fault);
    }
    ServeFault::Gone(gone.err().map_or_else(|| "it returned".to_owned(), |fault| fault.to_string()))
}

/// What may be said to the daemon while it lives. Heard before anything is built: SIGHUP is obeyed once it runs, SIGUSR1
/// and SIGUSR2 say nothing to us, and none of them kills.
pub struct Signals {
    hup: Signal,
    _deaf: [Signal; 2],
}

impl Signals {
    /// Begins to hear; inside the runtime.
    ///
    /// # Errors
    /// The system's.
    pub fn hear() -> std::io::Result<Self> {
        let deaf = [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?];
        Ok(Self { hup: signal(SignalKind::hangup())?, _deaf: deaf })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicBool, Ordering};

    use jiff::Timestamp;

    use super::*;
    use crate::care::settings::setting::Setting;
    use crate::clock::{SystemClock, SystemEntropy};
    use crate::config::load;
    use crate::config::origin::ConfigOrigin;
    use crate::config::setting_text;
    use crate::config::sources::Sources;
    use crate::daemon::assembly::engine::World;
    use crate::daemon::assembly::settings;
    use crate::daemon::reload::ReloadFault;
    use crate::journey::settings::change::{self, SettingChange};
    use crate::ports::Clock;
    use crate::store::database::OpenMode;
    use crate::store::db::transaction::{Stamp, Tx};
    use crate::store::settings::NewSetting;

    /// A clock that breaks everyone who asks it but the first, who starts the loops.
    #[derive(Default)]
    struct Trap(AtomicBool);

    impl Clock for Trap {
        fn now(&self) -> Timestamp {
            SystemClock.now()
        }
        fn monotonic(&self) -> Duration {
            assert!(!self.0.swap(true, Ordering::Relaxed), "a loop that panics");
            SystemClock.monotonic()
        }
    }

    /// A new clinic in that directory is served until the daemon ends.
    async fn served(place: PathBuf, world: World) -> Result<(), ServeFault> {
        let build = move || {
            let store = Store::open(&place.join("a.db"), OpenMode::Create).unwrap();
            Engine::open(&store, load::shipped(&place).unwrap(), &Sources::shipped(), &world).unwrap()
        };
        let engine = tokio::task::spawn_blocking(build).await.unwrap();
        let free = "127.0.0.1:0".parse().unwrap();
        let listeners = Listeners::open(free, free, InheritedSockets::default()).await.unwrap();
        let reload = Arc::new(|| Err(ReloadFault::Faulty(String::new())));
        serve_at(listeners, engine, reload, Signals::hear().unwrap()).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_loop_that_is_gone_ends_the_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let world = World { clock: Arc::new(Trap::default()), entropy: Arc::new(SystemEntropy) };
        let ended = tokio::time::timeout(Duration::from_secs(20), served(place, world)).await.unwrap();
        assert!(ended.unwrap_err().to_string().contains("a loop that panics"));
    }

    #[tokio::test]
    async fn what_hangs_at_the_end_is_called_a_letter_only_while_one_is_carried() {
        let health = HealthCheck { liveness: LoopLiveness::default(), probe: CommitProbe::default() };
        let mut loops = Loops { all: JoinSet::new(), carriers: Vec::new(), health };
        loops.all.spawn(std::future::pending());
        loops.carriers.push(loops.all.spawn(async {}));
        loops.all.join_next().await.unwrap().unwrap();
        assert!(!loops.is_carrying(), "a copy that hangs is no letter");
        loops.carriers.push(loops.all.spawn(std::future::pending()));
        assert!(loops.is_carrying());
    }

    #[test]
    fn a_loop_that_ended_because_the_database_was_taken_away_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let store = Store::open(&path, OpenMode::Create).unwrap();
        assert!(matches!(why(Ok(()), &store), ServeFault::Gone(_)));
        std::fs::rename(&path, dir.path().join("elsewhere.db")).unwrap();
        let told = why(Ok(()), &store);
        assert!(
            matches!(&told, ServeFault::Database(_)) && told.to_string().contains("was removed"),
            "{told}"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_socket_that_cannot_be_made_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        std::fs::create_dir(place.join("a.db.bell")).unwrap();
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let ended = served(place, world).await;
        let told = ended.unwrap_err().to_string();
        assert!(
            told.starts_with("the daemon's socket `") && told.contains("a.db.bell` cannot be made: "),
            "{told}"
        );
    }

    async fn page(at: std::net::SocketAddr) -> String {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
        stream.write_all(b"GET /help HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_setting_that_a_command_changed_counts_in_the_running_daemon() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        let decide = |store: &Store, number: &str| {
            let value = setting_text::of_words(Setting::OfficePhone, number);
            let new = NewSetting { setting: Setting::OfficePhone, value, again_of: None, reason: None };
            let job = move |tx: &mut Tx<'_>| {
                let seen = tx.setting_newest(new.setting)?.map(|version| version.id);
                let version = change::change(tx, &SettingChange { new, seen })?;
                change::confirm(tx, version.new.setting, version.id)
            };
            store.write_blocking(Stamp::daemon(SystemClock.now()), job).unwrap();
        };
        let build = move || {
            let store = Store::open(&place.join("a.db"), OpenMode::Create).unwrap();
            decide(&store, "+1 212 736 5000");
            let text = crate::config::embedded::text("aftercare.toml").unwrap();
            let kept = text.lines().filter(|line| !line.starts_with("phone_office"));
            let text = kept.collect::<Vec<_>>().join("\n");
            let origin = ConfigOrigin { text, base: Some(place), ..ConfigOrigin::default() };
            let config = settings::config(&store, &origin).unwrap();
            (Engine::open(&store, config, &Sources::shipped(), &world).unwrap(), store)
        };
        let (engine, store) = tokio::task::spawn_blocking(build).await.unwrap();
        let free = "127.0.0.1:0".parse().unwrap();
        let listeners = Listeners::open(free, free, InheritedSockets::default()).await.unwrap();
        let public = listeners.public.local_addr().unwrap();
        let reload = Arc::new(|| Err(ReloadFault::Faulty(String::new())));
        let daemon = tokio::spawn(serve_at(listeners, engine, reload, Signals::hear().unwrap()));
        let waits = || tokio::time::sleep(Duration::from_millis(20));
        while !page(public).await.contains("+1 212 736 5000") {
            waits().await;
        }
        // As a command does it: on a handle of its own, and then it pokes.
        let path = store.path().to_owned();
        let command = move || {
            decide(&Store::open(&path, OpenMode::Existing).unwrap(), "+1 212 736 5009");
            crate::daemon::wake_socket::ring(&path);
        };
        tokio::task::spawn_blocking(command).await.unwrap();
        let taken = async {
            while !page(public).await.contains("+1 212 736 5009") {
                waits().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), taken).await.unwrap();
        daemon.abort();
    }
}
