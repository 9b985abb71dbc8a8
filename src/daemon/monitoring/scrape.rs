//! `/metrics`: at each scrape the database is read in one short transaction, the machine is looked at, and all of it is put
//! into the registry. What needs a line of an index for each patient or alert is up to a minute old and never waited for, but
//! for the first time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::care::time::zone;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::files::look_deadline::PlaceLook;
use crate::daemon::monitoring::machine::CopyReadings;
use crate::daemon::monitoring::{gauges, machine};
use crate::daemon::systemd::HealthCheck;
use crate::journey::operations::condition::mailbox;
use crate::ports::Clock;
use crate::store::db::health;
use crate::store::error::StoreError;
use crate::telemetry::metrics::families::{Counted, Gauge};
use crate::telemetry::metrics::{MetricFault, MetricSet};
use crate::web::measure::{AnsweredRequest, RequestListener, RequestMeasure};

/// How old the counts may be that read a line for each patient or alert.
const COUNTED_EVERY: Duration = Duration::from_secs(60);

/// How old the answer may be whether something keeps the clock right: where the kernel may not be asked, it takes a program.
const VOUCHED_EVERY: Duration = Duration::from_secs(600);

/// What is asked of ops' pages again and again; their series are there before the first request.
const SHOWN: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What is scraped; cheap to clone.
#[derive(Clone)]
pub struct Scrape {
    set: Arc<MetricSet>,
    engine: watch::Receiver<Arc<Engine>>,
    health: HealthCheck,
    /// When those were counted last, by the clock that never jumps; held while somebody counts.
    counted: Arc<Mutex<Option<Duration>>>,
    /// When it was asked last whether something keeps the clock right, by the same clock, and the answer.
    vouched: Arc<Mutex<Option<(Duration, bool)>>>,
    /// The look at the copies, which may hang.
    copies: PlaceLook<CopyReadings>,
}

impl Scrape {
    /// Every family, with the series that are known beforehand.
    ///
    /// # Errors
    /// [`MetricFault`]; only for a fault of the catalogue itself.
    pub fn new(engine: watch::Receiver<Arc<Engine>>, health: HealthCheck) -> Result<Self, MetricFault> {
        let set = MetricSet::new()?;
        let labels = [env!("CARGO_PKG_VERSION"), health::sqlite_version(), zone::version()];
        set.set(Gauge::BuildInfo, &labels, 1.0);
        set.set(Gauge::Started, &[], gauges::seconds(engine.borrow().post.clock.now()));
        set.count(Counted::Pages, &["200"], 0);
        for route in SHOWN {
            set.count(Counted::Requests, &[RequestListener::Console.word(), route, "2xx"], 0);
            set.show_requests(&[RequestListener::Console.word(), route]);
        }
        let clock = Arc::clone(&engine.borrow().post.clock);
        engine.borrow().clinic.store.time_commits(Box::new(move || clock.monotonic()));
        let (counted, vouched, copies) = (Arc::default(), Arc::default(), PlaceLook::default());
        Ok(Self { set: Arc::new(set), engine, health, counted, vouched, copies })
    }

    /// Counts each request that a listener answers.
    #[must_use]
    pub fn requests(&self) -> RequestMeasure {
        let set = Arc::clone(&self.set);
        RequestMeasure::new(move |request| count(&set, request))
    }

    /// Everything as it is now, in Prometheus' text format. It reads the database and may ask a program: not for a thread that must
    /// not wait, but for one of the runtime.
    #[must_use]
    pub fn text(&self) -> String {
        let engine = Arc::clone(&self.engine.borrow());
        self.own_state(&engine);
        gauges::machine(&self.set, &machine::look(&engine.config, &self.copies));
        gauges::writer(&self.set, &engine.clinic.store.writer_readings());
        let began = engine.post.clock.monotonic();
        let read = self.database(&engine);
        let took = engine.post.clock.monotonic().saturating_sub(began);
        self.set.set(Gauge::ScrapeSeconds, &[], took.as_secs_f64());
        self.set.set(Gauge::ScrapeFailed, &[], gauges::yes(read.is_err()));
        if let Err(fault) = read {
            tracing::warn!(%fault, "the database could not be read for /metrics");
        }
        self.set.render().unwrap_or_else(|fault| {
            tracing::error!(%fault, "the metrics could not be written");
            String::new()
        })
    }

    /// What the daemon itself knows without a look at the database.
    fn own_state(&self, engine: &Engine) {
        let (post, set) = (&engine.post, &self.set);
        let monotonic = post.clock.monotonic();
        set.set(Gauge::Ready, &[], gauges::yes(self.health.is_well(post.clock.awake()).is_ok()));
        set.set(Gauge::ClockDoubtful, &[], gauges::yes(post.watch.doubt().is_some()));
        set.set(Gauge::ClockOffset, &[], post.watch.offset(&*post.clock).as_secs_f64());
        set.set(Gauge::ClockSynchronized, &[], gauges::yes(self.is_clock_kept(&*post.clock)));
        let rest = post.rate_limit.rest_left(monotonic).unwrap_or_default();
        set.set(Gauge::MailRest, &[], rest.as_secs_f64());
    }

    fn is_clock_kept(&self, clock: &dyn Clock) -> bool {
        let monotonic = clock.monotonic();
        let mut vouched = self.vouched.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = vouched.filter(|(at, _)| monotonic.saturating_sub(*at) < VOUCHED_EVERY);
        let (_, is_kept) = *vouched.insert(fresh.unwrap_or_else(|| {
            let answer = Handle::current().block_on(clock.vouched());
            (monotonic, answer.is_some())
        }));
        is_kept
    }

    fn database(&self, engine: &Arc<Engine>) -> Result<(), StoreError> {
        let now = engine.post.clock.now();
        let (found, mailbox) = engine
            .clinic
            .store
            .read(|view| Ok::<_, StoreError>((view.readings(now)?, mailbox::readings(view)?)))?;
        gauges::readings(&self.set, &found, now);
        // What an earlier mailbox left says nothing once none is read.
        let mailbox = engine.config.mail.imap.as_ref().map(|_| mailbox).unwrap_or_default();
        gauges::mailbox(&self.set, mailbox, now);
        self.counts(engine)
    }

    /// Counts patients and acts where that is due: the first time at once, later beside the scrape, so that it waits for nothing.
    fn counts(&self, engine: &Arc<Engine>) -> Result<(), StoreError> {
        let monotonic = engine.post.clock.monotonic();
        // Somebody counts already.
        let Ok(mut counted) = self.counted.try_lock() else { return Ok(()) };
        match *counted {
            None => self.count_anew(engine)?,
            Some(at) if monotonic.saturating_sub(at) < COUNTED_EVERY => return Ok(()),
            Some(_) => {
                let (scrape, engine) = (self.clone(), Arc::clone(engine));
                let beside = move || {
                    let _counting = scrape.counted.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Err(fault) = scrape.count_anew(&engine) {
                        tracing::warn!(%fault, "patients and acts could not be counted for /metrics");
                    }
                };
                drop(std::thread::Builder::new().name("counts".to_owned()).spawn(beside));
            }
        }
        *counted = Some(monotonic);
        Ok(())
    }

    fn count_anew(&self, engine: &Engine) -> Result<(), StoreError> {
        let store = &engine.clinic.store;
        let (patients, acts) =
            store.read(|view| Ok::<_, StoreError>((view.patient_readings()?, view.first_acts()?)))?;
        gauges::patients(&self.set, &patients);
        gauges::first_acts(&self.set, &acts);
        Ok(())
    }
}

fn count(set: &MetricSet, request: &AnsweredRequest<'_>) {
    let (listener, class) = (request.listener.word(), format!("{}xx", request.status / 100));
    set.count(Counted::Requests, &[listener, request.route, &class], 1);
    set.time_request(&[listener, request.route], request.took);
    if request.listener == RequestListener::Public {
        set.count(Counted::Pages, &[&request.status.to_string()], 1);
    }
}
