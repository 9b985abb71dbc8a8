//! A small clinic with its public listener on a free port, a clock that stands still and a patient or two.

use aftercare::care::triage::judge::Reads;
use aftercare::config::sections::learn::Learn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use aftercare::care::address::EmailAddress;
use aftercare::care::contact::PatientContact;
use aftercare::care::patient::{Detail, PatientId, PatientStatus, PreferredName, Reference};
use aftercare::care::triage::sign_off::SignOff;
use aftercare::clock::ManualClock;
use aftercare::config::checklists::checklist;
use aftercare::config::pages::wording;
use aftercare::config::sources::Sources;
use aftercare::config::{self, centres};
use aftercare::daemon::assembly::engine::{self, PublishedProtocol, World};
use aftercare::journey::alert_policy::{AnswerPolicy, BirthCheck, ChecklistCache, TriageMode, WakeSignals};
use aftercare::journey::deps::Deps;
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::letter::compose::Composer;
use aftercare::ports::Clock;
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::error::StoreError;
use aftercare::store::people::patients::Newcomer;
use aftercare::web::app_state::{AppState, LetterTrial, PageDeps};
use aftercare::web::measure::RequestMeasure;
use aftercare::web::{self, ListenerLimits, PatientPages};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Who judges in this clinic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judge {
    Nobody,
    /// Nobody either, and people read only what is new, worse or not sure.
    NobodyReadingNew,
    Rules,
}

/// The clinic while its public listener runs.
pub(crate) struct Fixture {
    _dir: tempfile::TempDir,
    pub(crate) clinic: Deps,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) at: SocketAddr,
    pub(crate) stop: CancellationToken,
    published: PublishedProtocol,
    _state: watch::Sender<Arc<AppState>>,
}

/// The clock as the pages read it: some time passes from one request to the next, as with a person who reads.
struct ReadingClock {
    shown: Arc<ManualClock>,
    requests: AtomicI64,
    /// How many milliseconds pass.
    pace: AtomicI64,
}

impl Clock for ReadingClock {
    fn now(&self) -> Timestamp {
        let passed = self.requests.fetch_add(self.pace.load(Relaxed), Relaxed);
        self.shown.now() + SignedDuration::from_millis(passed)
    }

    fn monotonic(&self) -> Duration {
        self.shown.monotonic()
    }
}

/// A patient with her tokens.
pub(crate) struct PatientLinks {
    pub(crate) id: PatientId,
    pub(crate) checklist: String,
    pub(crate) changed: String,
    pub(crate) opt_out: String,
}

/// The clinic's moment: a Tuesday morning.
pub(crate) fn now() -> Timestamp {
    "2026-02-24T09:00:00Z".parse().unwrap()
}

/// A birth date everyone here has.
pub(crate) const BORN: (i16, i8, i8) = (1970, 3, 27);

/// What the pages of this clinic are made of.
pub(crate) fn page_deps(
    dir: &std::path::Path,
    judge: Judge,
    clock: &Arc<ManualClock>,
) -> (Deps, PublishedProtocol, PageDeps) {
    let mut config = config::load::shipped(dir).unwrap();
    config.sending.languages = vec!["en".to_owned(), "es".to_owned()];
    let sources = Sources::shipped();
    let store = crate::empty_database::open(&dir.join("clinic.db"));
    let world = World { clock: clock.clone(), entropy: Arc::new(aftercare::clock::SystemEntropy) };
    let (mut clinic, published) = engine::clinic(&store, &config, &sources, &world).unwrap();
    let version = checklist::shipped().unwrap().checklist.version;
    let current = clinic.care.current.clone();
    let mut care = AnswerPolicy::closed(config.clinic.zone.clone());
    care.mode = match judge {
        Judge::Nobody | Judge::NobodyReadingNew => TriageMode::Education,
        Judge::Rules => TriageMode::Triage(SignOff {
            name: "Dr Sample".to_owned(),
            role: "lead".to_owned(),
            date: date(2026, 1, 1),
            version,
        }),
    };
    if matches!(judge, Judge::NobodyReadingNew) {
        care.reads = Reads::NewOrWorse;
    }
    care.birth_check = BirthCheck::SharedInboxes;
    let read = |name: &str, bundle: &str| checklist::unbundle(name, bundle).map(|form| form.checklist);
    care.checklists = ChecklistCache::new(Box::new(read));
    care.current = current;
    clinic.care = Arc::new(care);
    clinic.bells = WakeSignals::default();
    let layers = aftercare::daemon::assembly::wording::layers(&config, &sources).unwrap();
    let wording = layers.files.clone();
    let languages = config.sending.languages.clone();
    let deps = PageDeps {
        clinic: clinic.clone(),
        composer: Arc::new(Composer::new(&wording).unwrap()),
        wordings: Arc::new(layers),
        set_aside: Vec::new(),
        config: Arc::new(config.clone()),
        words: wording::load(&sources).unwrap(),
        checklist_names: Vec::new(),
        centres: centres::load(&sources, &languages).unwrap(),
        listed: centres::load(&sources, &languages).unwrap(),
        learn: Learn { leaflets: ["warning-signs".to_owned()].into(), centres: true },
        letters_leave: true,
        says: wording.clinic,
        languages,
        proxies: Vec::new(),
        openid: None,
        clock: Arc::new(ReadingClock { shown: clock.clone(), requests: 0.into(), pace: 4_000.into() }),
        entropy: Arc::new(aftercare::clock::SystemEntropy),
        digest: aftercare::mail::mime::digest_of,
        trial: LetterTrial {
            courier: Arc::new(aftercare::mail::spool::Spool::new(
                dir,
                aftercare::mail::spool::Durability::Relaxed,
            )),
            allow: Vec::new(),
        },
    };
    (clinic, published, deps)
}

impl Fixture {
    /// Serves with the limits a clinic has.
    pub(crate) async fn open(judge: Judge) -> Self {
        Self::with(judge, ListenerLimits::default()).await
    }

    /// Serves somebody who is as fast as that: so many milliseconds pass from one request to the next.
    pub(crate) async fn at_pace(judge: Judge, millis: i64) -> Self {
        let pace = move |deps: &mut PageDeps| {
            let shown = Arc::new(ManualClock::at(now()));
            deps.clock = Arc::new(ReadingClock { shown, requests: 0.into(), pace: millis.into() });
        };
        Self::with_deps(judge, ListenerLimits::default(), pace).await
    }

    /// Serves with other limits.
    pub(crate) async fn with(judge: Judge, limits: ListenerLimits) -> Self {
        Self::with_deps(judge, limits, |_| {}).await
    }

    /// Serves a clinic that lies in that region.
    pub(crate) async fn in_region(judge: Judge, region: Option<&'static str>) -> Self {
        let there = move |deps: &mut PageDeps| {
            let config = config::load::shipped(std::path::Path::new("/x")).unwrap();
            let mut wording =
                aftercare::daemon::assembly::wording::words(&config, &Sources::shipped()).unwrap();
            wording.clinic.region = region.map(str::to_owned);
            deps.composer = Arc::new(Composer::new(&wording).unwrap());
        };
        Self::with_deps(judge, ListenerLimits::default(), there).await
    }

    /// Serves a clinic that decided some things otherwise.
    pub(crate) async fn with_deps(
        judge: Judge,
        limits: ListenerLimits,
        change: impl FnOnce(&mut PageDeps) + Send + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now()));
        let (place, in_flight) = (dir.path().to_owned(), clock.clone());
        let build = move || {
            let (clinic, published, mut deps) = page_deps(&place, judge, &in_flight);
            change(&mut deps);
            (clinic, published, deps)
        };
        let (clinic, published, deps) = tokio::task::spawn_blocking(build).await.unwrap();
        let (sender, app) = watch::channel(Arc::new(web::build_state(deps).unwrap()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let pages = PatientPages { app, measure: RequestMeasure::default() };
        tokio::spawn(web::serve_public(listener, pages, limits, stop.clone()));
        Self { _dir: dir, clinic, clock, at, stop, published, _state: sender }
    }

    /// Takes in a patient who reads that language.
    pub(crate) async fn patient(&self, reference: &str, language: &str) -> PatientLinks {
        self.take_in(reference, language, Home::of(Inbox::Own)).await
    }

    /// Takes in a patient who lives by another clock than the clinic.
    pub(crate) async fn patient_in(&self, zone: &str, reference: &str, language: &str) -> PatientLinks {
        self.take_in(reference, language, Home { inbox: Inbox::Own, zone }).await
    }

    /// Takes in a patient whose mailbox others read too.
    pub(crate) async fn shared_inbox_patient(&self, reference: &str) -> PatientLinks {
        self.take_in(reference, "en", Home::of(Inbox::Shared)).await
    }

    async fn take_in(&self, reference: &str, language: &str, home: Home<'_>) -> PatientLinks {
        let (version, protocol) = self.published["sgo2017-high"].clone();
        let admission = Admission {
            newcomer: Newcomer {
                reference: Reference::parse(reference).unwrap(),
                name: PreferredName::parse("Zoraida").unwrap(),
                birth_on: date(BORN.0, BORN.1, BORN.2),
                email: EmailAddress::parse(&format!("{}@mail.example", reference.to_lowercase())).ok(),
                language: language.to_owned(),
                zone: home.zone.to_owned(),
                detail: Detail::Standard,
                detail_follows: false,
                proxy: None,
                shared_inbox: home.inbox == Inbox::Shared,
                status: PatientStatus::Active,
                contact: PatientContact::default(),
            },
            courses: vec![Course { version, protocol, anchor_on: date(2026, 1, 15) }],
            waiting: Vec::new(),
            next_visit: None,
        };
        let clinic = self.clinic.clone();
        let job = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| -> Result<PatientLinks, aftercare::journey::errors::step::StepError> {
            let patient = admit(tx, &admission, &clinic.policy)?;
            let all = tx.follow_ups_of(patient)?;
            let spine = all.iter().find(|f| f.series == "spine-check").unwrap().id;
            let mut token = |purpose: LinkPurpose| -> Result<String, StoreError> {
                let token = clinic.key.token(patient, purpose, 0);
                let until = "2026-05-01T00:00:00Z".parse().unwrap();
                tx.keep_links(patient, &[(purpose, 0, aftercare::journey::link_key::digest(&token))], until)?;
                Ok(token)
            };
            Ok(PatientLinks {
                id: patient,
                checklist: token(LinkPurpose::Checklist(spine))?,
                changed: token(LinkPurpose::Changed)?,
                opt_out: token(LinkPurpose::OptOut)?,
            })
        };
        self.clinic.store.write(Stamp::daemon(now()), job).await.unwrap()
    }

    /// Every row of every table, in order: two looks are alike if nothing was written between them.
    pub(crate) fn rows(&self) -> Vec<String> {
        let sql = rusqlite::Connection::open(self.clinic.store.path()).unwrap();
        let names: Vec<String> =
            column(&sql, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
        let mut rows = Vec::new();
        for name in names {
            let columns = column(&sql, &format!("SELECT name FROM pragma_table_info('{name}')"));
            let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
            let line = quoted.join(" || ',' || ");
            rows.extend(column(&sql, &format!("SELECT '{name}: ' || {line} FROM \"{name}\" ORDER BY 1")));
        }
        rows
    }

    /// One number the database knows.
    pub(crate) fn count(&self, ask: &str) -> i64 {
        let sql = rusqlite::Connection::open(self.clinic.store.path()).unwrap();
        sql.query_row(ask, [], |row| row.get(0)).unwrap()
    }
}

fn column(sql: &rusqlite::Connection, ask: &str) -> Vec<String> {
    let mut statement = sql.prepare(ask).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inbox {
    Own,
    Shared,
}

/// Where a patient is at home: her mailbox, and the clock she lives by.
#[derive(Clone, Copy)]
struct Home<'a> {
    inbox: Inbox,
    zone: &'a str,
}

impl Home<'_> {
    /// In the clinic's own zone.
    const fn of(inbox: Inbox) -> Self {
        Self { inbox, zone: "Europe/Madrid" }
    }
}
