//! What the pages are made of, from an engine, and the two listeners. It is replaced as a whole
//! when the configuration is read again.

use std::net::SocketAddr;
use std::sync::Arc;

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
use crate::daemon::systemd::HealthCheck;
use crate::exchange::openid::provider::OpenIdProvider;
use crate::letter::compose::Composer;
use crate::mail::mime;
use crate::web::app_state::{AppState, LetterTrial, PageDeps};
use crate::web::html::PageFault;
use crate::web::listener::Bounds;
use crate::web::ops::Ops;
use crate::web::{self, ListenerLimits, PatientPages, StaffPages};

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
}

impl Listeners {
    /// Binds both addresses, before the daemon says that it is ready.
    ///
    /// # Errors
    /// [`PagesFault::Listen`] naming the key whose address is taken.
    pub async fn open(public: SocketAddr, console: SocketAddr) -> Result<Self, PagesFault> {
        Ok(Self {
            public: bind("web.listen", public).await?,
            console: bind("web.console_listen", console).await?,
        })
    }

    /// Takes both addresses, or free ones on this machine where they are taken; for the demo.
    ///
    /// # Errors
    /// The system's, when no port is to be had.
    pub async fn anywhere(public: SocketAddr, console: SocketAddr) -> std::io::Result<Self> {
        Ok(Self { public: free(public).await?, console: free(console).await? })
    }
}

async fn free(wished: SocketAddr) -> std::io::Result<TcpListener> {
    match TcpListener::bind(wished).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((wished.ip(), 0)).await,
    }
}

async fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, PagesFault> {
    TcpListener::bind(address).await.map_err(|reason| PagesFault::Listen { key, address, reason })
}

/// What pages are made of under this engine.
///
/// # Errors
/// [`PagesFault`] when words or templates are faulty.
pub fn app(engine: &Engine) -> Result<Arc<AppState>, PagesFault> {
    let (config, faults) = (&engine.config, |found| EngineFault::Faults(found));
    let named = |found| faults(named_faults(found, &engine.sources));
    let composer = Composer::new(&engine.standing.wording).map_err(named)?;
    let wordings = layers(config, &engine.sources).map_err(named)?;
    let says = says(config);
    let words = wording::load(&engine.sources).map_err(faults)?;
    let centres = centres::in_force(config, &engine.sources).map_err(faults)?;
    let app = web::build_state(PageDeps {
        clinic: engine.clinic.clone(),
        composer: Arc::new(composer),
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
        let now = engine.borrow().post.clock.monotonic();
        health.check(now)
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
