//! A clinic in triage mode with its console on a free port, a clock that stands still, staff and a patient who answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aftercare::care::address::EmailAddress;
use aftercare::care::contact::PatientContact;
use aftercare::care::patient::{Detail, PatientId, PatientStatus, PreferredName, Reference};
use aftercare::care::permission::StaffRole;
use aftercare::care::triage::case::FormStage;
use aftercare::clock::{ManualClock, SystemEntropy};
use aftercare::config::Config;
use aftercare::config::checklists::checklist;
use aftercare::config::sections::paths::Paths;
use aftercare::config::sources::Sources;
use aftercare::daemon::assembly::engine::{Engine, World};
use aftercare::daemon::assembly::settings;
use aftercare::daemon::listeners;
use aftercare::journey::answers::respond::{Saved, SentPage, respond};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::link_key;
use aftercare::journey::operations::accounts;
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::store::alerts::lifecycle::AlertId;
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::answers::responses::Respondent;
use aftercare::store::database::Store;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::people::patients::Newcomer;
use aftercare::web::app_state::AppState;
use aftercare::web::listener::Bounds;
use aftercare::web::measure::RequestMeasure;
use aftercare::web::ops::Ops;
use aftercare::{config, web};
use jiff::Timestamp;
use jiff::civil::date;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use totp_rs::{Builder, Secret};

use crate::http::{Answer, form, send};

pub(crate) const PASSWORD: &str = "a long enough password";
pub(crate) const NAME: &str = "Zoraida";
pub(crate) const CODE: &str = "C-100";

/// Who works here.
pub(crate) const PEOPLE: [(&str, StaffRole); 5] = [
    ("vera", StaffRole::Viewer),
    ("nora", StaffRole::Nurse),
    ("dora", StaffRole::Doctor),
    ("lena", StaffRole::Lead),
    ("adam", StaffRole::Admin),
];

/// The clinic while its console is open.
pub(crate) struct Fixture {
    _dir: tempfile::TempDir,
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) at: SocketAddr,
    secrets: Vec<(String, String)>,
    state: watch::Sender<Arc<AppState>>,
    stop: CancellationToken,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The clinic's moment: a Tuesday morning.
pub(crate) fn now() -> Timestamp {
    "2026-02-24T15:00:00Z".parse().unwrap()
}

/// Somebody who comes to the clinic, and speaks Spanish.
pub(crate) fn newcomer(reference: &str, name: &str, email: &str) -> Newcomer {
    Newcomer {
        reference: Reference::parse(reference).unwrap(),
        name: PreferredName::parse(name).unwrap(),
        birth_on: date(1970, 3, 27),
        email: EmailAddress::parse(email).ok(),
        language: "es".to_owned(),
        zone: "America/New_York".to_owned(),
        detail: Detail::Standard,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    }
}

/// How a fixture's configuration comes about, beside its database.
type Configure = dyn Fn(&std::path::Path, &Store) -> Config + Send + Sync;

fn build(dir: &std::path::Path, world: &World, configure: &Configure) -> (Engine, Vec<(String, String)>) {
    let store = crate::empty_database::open(&dir.join("clinic.db"));
    let config = configure(dir, &store);
    // Files of the operator's, where a test has written some.
    let letters = config.paths.letters.clone().filter(|place| place.exists());
    let sources = Sources::of(&Paths { letters, ..Paths::default() });
    let engine = Engine::open(&store, config, &sources, world).unwrap();
    let secrets = PEOPLE.map(|(name, role)| {
        let email = EmailAddress::parse(&format!("{name}@clinic.example")).unwrap();
        let issued = accounts::add(
            &engine.clinic,
            Stamp::daemon(now()),
            accounts::NewAccount { name, email, role, password: PASSWORD },
        )
        .unwrap();
        (name.to_owned(), issued.totp_secret)
    });
    (engine, secrets.to_vec())
}

/// A form as a carer sends it off.
pub(crate) fn sent(token: &str, nonce: &str, answers: &[(&str, &str)]) -> SentPage {
    SentPage {
        token: token.to_owned(),
        pass: None,
        nonce: nonce.to_owned(),
        version: checklist::shipped().unwrap().checklist.version,
        who: Respondent::Carer,
        fields: answers.iter().map(|(f, w)| ((*f).to_owned(), (*w).to_owned())).collect(),
        number: 0,
        stage: FormStage::Submitted,
    }
}

impl Fixture {
    pub(crate) async fn open() -> Self {
        Self::configured(|dir, _| config::load::shipped(dir).unwrap()).await
    }

    /// A clinic whose configuration comes about in another way; the rules judge answers.
    pub(crate) async fn configured(
        configure: impl Fn(&std::path::Path, &Store) -> Config + Send + Sync + 'static,
    ) -> Self {
        Self::as_configured(move |dir, store| {
            let mut config = configure(dir, store);
            config.checklists.mode = aftercare::care::triage::judging::JudgingMode::Triage;
            config.checklists.sign_off = Some(aftercare::care::triage::sign_off::SignOff {
                name: "Dr Sample".to_owned(),
                role: "lead".to_owned(),
                date: date(2026, 1, 1),
                version: checklist::shipped().unwrap().checklist.version,
            });
            config
        })
        .await
    }

    /// The same, and who judges answers is as the configuration says.
    pub(crate) async fn as_configured(
        configure: impl Fn(&std::path::Path, &Store) -> Config + Send + Sync + 'static,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now()));
        let world = World { clock: clock.clone(), entropy: Arc::new(SystemEntropy) };
        let place = dir.path().to_owned();
        let (engine, secrets) =
            tokio::task::spawn_blocking(move || build(&place, &world, &configure)).await.unwrap();
        let (sender, app) = watch::channel(listeners::app(&engine).unwrap());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let ops = Ops {
            ready: Arc::new(|| Ok(())),
            counted: Arc::new(String::new),
            measure: RequestMeasure::default(),
        };
        tokio::spawn(web::serve_console(
            listener,
            web::StaffPages { app, ops },
            Bounds::default(),
            stop.clone(),
        ));
        Self { _dir: dir, engine: Arc::new(engine), clock, at, secrets, state: sender, stop }
    }

    /// The daemon takes on what staff set since; gives what it goes by from then on.
    pub(crate) async fn renew(&self) -> Arc<Engine> {
        let old = Arc::clone(&self.engine);
        let renewed = tokio::task::spawn_blocking(move || settings::renewed(&old).unwrap()).await.unwrap();
        self.state.send_replace(listeners::app(&renewed).unwrap());
        Arc::new(renewed)
    }

    pub(crate) fn host(&self) -> String {
        self.at.to_string()
    }

    /// The code that somebody's authenticator shows now.
    pub(crate) fn code(&self, name: &str) -> String {
        use aftercare::ports::Clock;
        let secret = &self.secrets.iter().find(|(n, _)| n == name).unwrap().1;
        let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
        totp.generate(u64::try_from(self.clock.now().as_second()).unwrap()).to_string()
    }

    /// Sends the sign-in form.
    pub(crate) async fn try_in(&self, name: &str, password: &str, code: &str) -> Answer {
        self.try_with(name, (password, code), "").await
    }

    /// Sends the sign-in form from a browser that keeps these cookies.
    pub(crate) async fn try_with(&self, name: &str, secrets: (&str, &str), cookies: &str) -> Answer {
        let (password, code) = secrets;
        let fields = form(&[("name", name), ("password", password), ("code", code), ("to", "/alerts/1")]);
        let host = self.host();
        let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "same-origin"), ("Cookie", cookies)];
        send(self.at, "POST /sign-in", &headers, &fields).await
    }

    /// Signs somebody in and gives the cookie.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let answer = self.try_in(name, PASSWORD, &self.code(name)).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        let host = self.host();
        send(self.at, &format!("GET {path}"), &[("Host", host.as_str()), ("Cookie", cookie)], "").await
    }

    /// The page that a path leads to once the work behind it is over, and its path: a browser follows and looks again.
    pub(crate) async fn settled(&self, path: &str, cookie: &str) -> (String, Answer) {
        let mut to = path.to_owned();
        for _ in 0..200 {
            let page = self.get(&to, cookie).await;
            match page.status {
                303 => page.header("location").unwrap().clone_into(&mut to),
                _ if page.body.contains("http-equiv=\"refresh\"") => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                _ => return (to, page),
            }
        }
        panic!("the work behind {to} does not end");
    }

    /// Sends a form of one's own session, as the browser does from a page of ours.
    pub(crate) async fn act(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let mark = self.get("/", cookie).await.csrf_token();
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("mark", mark.as_str())]).collect();
        let host = self.host();
        let headers = [("Host", host.as_str()), ("Cookie", cookie), ("Sec-Fetch-Site", "same-origin")];
        send(self.at, &format!("POST {path}"), &headers, &form(&fields)).await
    }

    /// A patient who says that her legs are weak, or that she is a little more tired.
    pub(crate) async fn worried(&self, answers: &[(&str, &str)]) -> (PatientId, AlertId) {
        let (version, protocol) = self.engine.published["sgo2017-high"].clone();
        let admission = Admission {
            newcomer: newcomer(CODE, NAME, "zoraida@mail.example"),
            courses: vec![Course { version, protocol, anchor_on: date(2026, 1, 15) }],
            waiting: Vec::new(),
            next_visit: None,
        };
        let clinic = self.engine.clinic.clone();
        let job = move |tx: &mut Tx<'_>| -> Result<(PatientId, String), StepError> {
            let patient = admit(tx, &admission, &clinic.policy)?;
            let token = clinic.key.token(patient, LinkPurpose::Changed, 0);
            let until = "2027-05-01T00:00:00Z".parse().unwrap();
            tx.keep_links(patient, &[(LinkPurpose::Changed, 0, link_key::digest(&token))], until)?;
            Ok((patient, token))
        };
        let (patient, token) = self.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap();
        self.answer(&token, "nonce-of-sixteen-or-more", answers).await;
        let alerts = self.engine.clinic.store.read(|view| view.alerts_of(patient)).unwrap();
        (patient, alerts[0].id)
    }

    /// A letter to the patient who worries that the server refused, with what it says; it may go again.
    pub(crate) fn refused_letter(&self, ended_at: Timestamp, reason: &str) -> i64 {
        let other = rusqlite::Connection::open(self.engine.clinic.store.path()).unwrap();
        let letter = "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, frees_day, reason, expires_at, \
                      attempt, message_id, created_at, ended_at) \
                      SELECT 'patient', 'notice', id, '2026-02-24', 2, 'failed', 1, ?2, 4000000000000, 1, ?3 || '@y', ?3, ?3 \
                      FROM patient WHERE reference = ?1";
        other.execute(letter, rusqlite::params![CODE, reason, ended_at.as_millisecond()]).unwrap();
        let id = other.last_insert_rowid();
        other
            .execute(
                "INSERT INTO sealed (delivery_id, recipient, inputs) VALUES (?1, 'a@b.example', '{}')",
                [id],
            )
            .unwrap();
        id
    }

    /// Somebody answers through a link.
    pub(crate) async fn answer(&self, token: &str, nonce: &str, answers: &[(&str, &str)]) {
        Self::answer_under(&self.engine, sent(token, nonce, answers)).await;
    }

    /// The same while the daemon goes by something else than it began with.
    pub(crate) async fn answer_under(engine: &Engine, page: SentPage) {
        let saved = respond(&engine.clinic, now(), page).await.unwrap();
        assert!(matches!(saved, Saved::Kept(_)), "the answer was not kept");
    }

    /// The letters that the spool holds.
    pub(crate) fn spooled(&self) -> Vec<String> {
        fn all(place: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    all(&path, found)
                } else {
                    found.push(std::fs::read_to_string(path).unwrap())
                }
            }
        }
        let mut found = Vec::new();
        all(&self.engine.config.mail.spool_dir, &mut found);
        found
    }

    pub(crate) fn pass_time(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }

    /// Every row of every table but sessions, and what they looked at: two looks are alike if nothing was written between them.
    pub(crate) fn rows(&self) -> Vec<String> {
        let sql = rusqlite::Connection::open(self.engine.clinic.store.path()).unwrap();
        let names = column(
            &sql,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('session', 'record_view') ORDER BY name",
        );
        let mut rows = Vec::new();
        for name in names {
            let columns = column(&sql, &format!("SELECT name FROM pragma_table_info('{name}')"));
            let quoted: Vec<String> = columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
            let line = quoted.join(" || ',' || ");
            rows.extend(column(&sql, &format!("SELECT '{name}: ' || {line} FROM \"{name}\" ORDER BY 1")));
        }
        rows
    }
}

fn column(sql: &rusqlite::Connection, ask: &str) -> Vec<String> {
    let mut statement = sql.prepare(ask).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}
