//! What the pages are made of, from an engine, and the two listeners. It is replaced as a whole
//! when the configuration is read again.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::centres::{self, Centres};
use crate::config::checklists::checklist;
use crate::config::pages::wording;
use crate::daemon::assembly::engine::{Engine, EngineFault};
use crate::daemon::assembly::wording::{layers, named_faults, says};
use crate::daemon::monitoring::scrape::Scrape;
use crate::daemon::systemd::{HealthCheck, InheritedSockets};
use crate::exchange::openid::provider::OpenIdProvider;
use crate::mail::mime;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::web::app_state::{AppState, LetterTrial, PageDeps};
use crate::web::html::PageFault;
use crate::web::listener::Bounds;
use crate::web::ops::Ops;
use crate::web::{self, ListenerLimits, PatientPages, StaffPages};

/// The fact that remembers where systemd listens for us and nobody answers.
pub const UNANSWERED: &str = "sockets_unanswered";

/// Why there are no pages.
#[derive(Debug, thiserror::Error)]
pub enum PagesFault {
    /// Something else listens there.
    #[error("`{key}` is {address}, but the system does not let us listen there: {reason}")]
    Listen {
        /// The key of the configuration.
        key: &'static str,
        /// The address that could not be bound.
        address: SocketAddr,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Files of the pages are faulty.
    #[error(transparent)]
    Engine(#[from] EngineFault),
    /// A page cannot be made.
    #[error(transparent)]
    Page(#[from] PageFault),
}

/// The two listeners, bound before anybody is told that the daemon is ready.
pub struct Listeners {
    /// The socket of the patients' pages.
    pub public: TcpListener,
    /// The socket of the console, for staff and ops.
    pub console: TcpListener,
    /// Addresses that systemd listens at for us and that are not configured: who connects there is not answered.
    pub unanswered: Vec<SocketAddr>,
}

impl Listeners {
    /// Takes both addresses over from systemd, or binds them, before the daemon says that it is ready.
    ///
    /// # Errors
    /// [`PagesFault::Listen`] naming the key whose address is taken.
    pub async fn open(
        public: SocketAddr,
        console: SocketAddr,
        mut inherited: InheritedSockets,
    ) -> Result<Self, PagesFault> {
        let handed = inherited.addresses();
        let listeners = Self {
            public: take_or_bind("web.listen", public, &mut inherited).await?,
            console: take_or_bind("web.console_listen", console, &mut inherited).await?,
            unanswered: inherited.addresses(),
        };
        if !handed.is_empty() {
            tracing::info!(?handed, "systemd keeps the sockets open over a restart");
        }
        if !listeners.unanswered.is_empty() {
            let addresses = &listeners.unanswered;
            tracing::error!(?addresses, "systemd listens for us where the configuration does not");
        }
        Ok(listeners)
    }

    /// What `doctor` says of addresses that nobody answers at, until the next start.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written down.
    pub async fn note(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let addresses: Vec<String> = self.unanswered.iter().map(ToString::to_string).collect();
        let addresses = (!addresses.is_empty()).then(|| addresses.join(", "));
        if store.read(|view| view.fact(UNANSWERED))? == addresses {
            return Ok(());
        }
        let job = move |tx: &mut Tx<'_>| match &addresses {
            Some(addresses) => tx.set_fact(UNANSWERED, addresses),
            None => tx.clear_fact(UNANSWERED),
        };
        store.write(Stamp::daemon(now), job).await
    }

    /// Takes both addresses, or free ones on this machine where they are taken; for the demo.
    ///
    /// # Errors
    /// The system's, when no port is to be had.
    pub async fn anywhere(public: SocketAddr, console: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { public: free(public).await?, console: free(console).await?, unanswered: Vec::new() })
    }
}

async fn free(wished: SocketAddr) -> std::io::Result<TcpListener> {
    match TcpListener::bind(wished).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((wished.ip(), 0)).await,
    }
}

async fn take_or_bind(
    key: &'static str,
    address: SocketAddr,
    inherited: &mut InheritedSockets,
) -> Result<TcpListener, PagesFault> {
    let listener = match inherited.at(address) {
        Some(socket) => socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket)),
        None => TcpListener::bind(address).await,
    };
    listener.map_err(|reason| PagesFault::Listen { key, address, reason })
}

/// What pages are made of under this engine.
///
/// # Errors
/// [`PagesFault`] when words or templates are faulty.
pub fn app(engine: &Engine) -> Result<Arc<AppState>, PagesFault> {
    let (config, faults) = (&engine.config, |found| EngineFault::Faults(found));
    let named = |found| faults(named_faults(found, &engine.sources));
    let wordings = layers(config, &engine.sources).map_err(named)?;
    let says = says(config);
    let words = wording::load(&engine.sources).map_err(faults)?;
    let centres = centres::in_force(config, &engine.sources).map_err(faults)?;
    let app = web::build_state(PageDeps {
        clinic: engine.clinic.clone(),
        composer: Arc::clone(&engine.composer),
        wordings: Arc::new(wordings),
        set_aside: engine.standing.set_aside.clone(),
        config: Arc::new(config.clone()),
        letters_leave: config.mail.transport.is_smtp(),
        says,
        words,
        centres: if config.learn.centres { centres.clone() } else { Centres::default() },
        listed: centres,
        learn: config.learn.clone(),
        checklist_names: checklist::names(&engine.sources),
        languages: config.sending.languages.clone(),
        proxies: config.web.trusted_proxies.clone(),
        openid: openid(engine),
        clock: Arc::clone(&engine.world.clock),
        entropy: Arc::clone(&engine.world.entropy),
        digest: mime::digest_of,
        trial: LetterTrial { courier: Arc::clone(&engine.post.courier), allow: config.test.allow.clone() },
    })?;
    Ok(Arc::new(app))
}

/// The hospital's provider, if staff may sign in through one.
fn openid(engine: &Engine) -> Option<Arc<OpenIdProvider>> {
    let (config, clock) = (&engine.config, Arc::clone(&engine.world.clock));
    let openid = config.openid.as_ref()?;
    Some(Arc::new(OpenIdProvider::new(openid, &config.web.console(), clock)))
}

/// What ops ask of the daemon.
#[must_use]
pub fn ops(scrape: Scrape, engine: watch::Receiver<Arc<Engine>>, health: HealthCheck) -> Ops {
    let ready = move || {
        let now = engine.borrow().post.clock.awake();
        health.is_well(now)
    };
    let measure = scrape.requests();
    Ops { ready: Arc::new(ready), counted: Arc::new(move || scrape.text()), measure }
}

/// Both listeners and what they serve.
pub struct WebServers {
    /// The two bound sockets.
    pub listeners: Listeners,
    /// What pages are made of; replaced when the configuration is read again.
    pub app: watch::Receiver<Arc<AppState>>,
    /// What ops ask of the console's listener.
    pub ops: Ops,
}

impl WebServers {
    /// Serves both until stopped.
    pub fn serve(self, loops: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self { listeners, app, ops } = self;
        let limits = ListenerLimits::default();
        let pages = PatientPages { app: app.clone(), measure: ops.measure.clone() };
        loops.spawn(web::serve_public(listeners.public, pages, limits, stop.clone()));
        let bounds = Bounds { body_bytes: 64 * 1024, ..Bounds::default() };
        loops.spawn(web::serve_console(listeners.console, StaffPages { app, ops }, bounds, stop.clone()));
    }
}
