//! A clinic on disk for the real binary: what `init` wrote, changed where the test needs it, and patients with letters
//! that are due.

use aftercare::care::actor::Actor;
use aftercare::care::contact::PatientContact;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use aftercare::care::address::EmailAddress;
use aftercare::care::patient::{Detail, PatientStatus, PreferredName, Reference};
use aftercare::clock::{SystemClock, SystemEntropy};
use aftercare::config::sources::Sources;
use aftercare::config::{Config, load};
use aftercare::daemon::assembly::engine::{self, PublishedProtocol, World};
use aftercare::journey::deps::Deps;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{AppointmentSlot, BookingRequest, Tell};
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::ports::Clock;
use aftercare::store::database::{OpenMode, Store};
use aftercare::store::db::transaction::Stamp;
use aftercare::store::people::patients::Newcomer;
use aftercare::store::work::worklist::LedgerFilter;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// A leaflet a week: due today whatever today is.
const WEEKLY: &str = r#"
id     = "weekly"
title  = "A leaflet every week"
source = "made up for tests"
anchor = "end-of-treatment"
[[series]]
id      = "signs"
kind    = "leaflet"
leaflet = "warning-signs"
title   = { en = "Signs to watch for", es = "Señales que debe vigilar" }
phases  = [ { after = "0d", every = "1w" } ]
remind  = [ { step = "send", at = "0d" } ]
[[series]]
id      = "visit"
kind    = "visit"
title   = { en = "Follow-up visit", es = "Visita de control" }
phases  = [ { after = "0m", every = "6m" } ]
remind  = [ { step = "book", at = "-28d" } ]
booked  = [ { step = "day-before", at = "-1d" } ]
"#;

/// A zone in which it is about noon: quiet hours never stand in a test's way.
pub(crate) fn noon_zone() -> String {
    let hour = i8::try_from(SystemClock.now().as_second().rem_euclid(86_400) / 3600).unwrap();
    match 12 - hour {
        0 => "Etc/UTC".to_owned(),
        east @ 1.. => format!("Etc/GMT-{east}"),
        west => format!("Etc/GMT+{}", -west),
    }
}

pub(crate) struct Ground {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) zone: String,
}

impl Ground {
    /// What `init` writes, in a directory in memory where there is one, with a mail server on this port.
    pub(crate) fn new(port: u16) -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let sandbox = Self { dir, zone: noon_zone() };
        let said = binary().arg("init").arg(sandbox.dir.path()).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        std::fs::write(sandbox.dir.path().join("protocols/weekly.toml"), WEEKLY).unwrap();
        sandbox.set("time_zone = \"America/New_York\"", &format!("time_zone = \"{}\"", sandbox.zone));
        sandbox.set("transport = \"spool\"", "transport = \"smtp\"");
        sandbox.set("host = \"smtp.riverside.example\"", "host = \"127.0.0.1\"");
        sandbox.set("port = 587", &format!("port = {port}"));
        sandbox.set("tls = \"starttls\"", "tls = \"none\"");
        sandbox.set("username = ", "# username = ");
        sandbox.set("password_credential = ", "# password_credential = ");
        sandbox.set("window = [\"08:00\", \"20:00\"]", "window = [\"00:00\", \"23:59\"]");
        let days = "\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"";
        sandbox.set(&format!("\nweekdays = [{days}]"), &format!("\nweekdays = [{days}, \"sat\", \"sun\"]"));
        sandbox.set("holidays = [", "holidays = [] # ");
        sandbox.set("leaflets = []", "leaflets = [\"warning-signs\"]");
        sandbox.set("max_per_minute = 600", "max_per_minute = 100000");
        sandbox.set("unknown_rests = \"10m\"", "unknown_rests = \"1s\"");
        sandbox.set("127.0.0.1:8480", &format!("127.0.0.1:{}", free_port()));
        sandbox.set("127.0.0.1:8481", &format!("127.0.0.1:{}", free_port()));
        sandbox
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("aftercare.toml")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir.path().join("aftercare.db")
    }

    /// Where the console listens.
    pub(crate) fn console(&self) -> String {
        let text = std::fs::read_to_string(self.config()).unwrap();
        let line = text.lines().find_map(|l| l.strip_prefix("console_listen = \"")).unwrap();
        line.trim_end_matches('"').to_owned()
    }

    /// Changes the first place of the configuration that reads `old`.
    pub(crate) fn set(&self, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        assert!(text.contains(old), "{old}");
        std::fs::write(self.config(), text.replacen(old, new, 1)).unwrap();
    }

    /// The binary on this configuration.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = binary();
        command.args(args).arg("--config").arg(self.config()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end: exit code, stdout, stderr.
    pub(crate) fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut ended = self.command(args);
        let mut child = ended.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
        let begun = SystemClock.monotonic();
        while child.try_wait().unwrap().is_none() && SystemClock.monotonic() - begun < Duration::from_secs(30)
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        // Too late to be an answer: the code is -1 then.
        drop(child.kill());
        let code = child.wait().unwrap().code().unwrap_or(-1);
        (code, out.join().unwrap(), err.join().unwrap())
    }

    /// Starts a command; what it says goes into a file beside the database.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let log =
            std::fs::File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let mut command = self.command(args);
        command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&self.database(), OpenMode::Create).unwrap()
    }

    pub(crate) fn clinic(&self) -> (Deps, PublishedProtocol) {
        let config: Config = load::file(&self.config()).unwrap();
        let world = World { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
        engine::clinic(&self.store(), &config, &Sources::of(&config.paths), &world).unwrap()
    }

    /// The clinic's civil day.
    pub(crate) fn today(&self) -> Date {
        SystemClock.now().in_tz(&self.zone).unwrap().date()
    }

    /// Takes patients in as of yesterday; each has a letter due this morning.
    pub(crate) fn admit(&self, references: &[String], next_visit: Option<&AppointmentSlot>) {
        self.take_in(references.iter().map(|r| newcomer(r, &self.zone)).collect(), next_visit);
    }

    /// The same, with mailboxes in another domain.
    pub(crate) fn admit_at(&self, references: &[String], domain: &str) {
        let moved = |reference: &String| {
            let mailbox = address(reference).replace("patients.example", domain);
            Newcomer {
                email: Some(EmailAddress::parse(&mailbox).unwrap()),
                ..newcomer(reference, &self.zone)
            }
        };
        self.take_in(references.iter().map(moved).collect(), None);
    }

    fn take_in(&self, newcomers: Vec<Newcomer>, next_visit: Option<&AppointmentSlot>) {
        let (clinic, published) = self.clinic();
        let (version, protocol) = published["weekly"].clone();
        let course = Course { version, protocol, anchor_on: self.today().saturating_sub(7.days()) };
        let courses = vec![course];
        let admission = |newcomer| Admission {
            newcomer,
            courses: courses.clone(),
            waiting: Vec::new(),
            next_visit: None,
        };
        let admissions: Vec<_> = newcomers.into_iter().map(admission).collect();
        let yesterday: Timestamp = SystemClock.now() - 24.hours();
        let stamp = Stamp { at: yesterday, actor: Actor::Operator("test".to_owned()) };
        // Far from the window of the visit she is owed: it is meant.
        let wish = next_visit.cloned().map(|slot| BookingRequest {
            series: None,
            slot,
            tell: Tell::Nobody,
            anyway: true,
        });
        let steps = clinic.clone();
        let job = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| -> Result<(), StepError> {
            for admission in &admissions {
                let id = admit(tx, admission, &steps.policy)?;
                if let Some(wish) = &wish {
                    let patient = tx.patient(id)?;
                    book::book(tx, &patient, wish, &steps)?;
                }
            }
            Ok(())
        };
        clinic.store.write_blocking(stamp, job).unwrap();
    }

    /// `drain --json`.
    pub(crate) fn drain(&self) -> serde_json::Value {
        let (code, out, err) = self.run(&["drain", "--json"]);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }
}

fn read(stream: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut words = Vec::new();
        stream.unwrap().read_to_end(&mut words).unwrap();
        String::from_utf8_lossy(&words).into_owned()
    })
}

/// How many letters to patients stand in each state.
pub(crate) fn balance(store: &Store) -> Vec<(&'static str, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for line in store.read(|v| v.ledger(&LedgerFilter::default())).unwrap() {
        *counts.entry(line.delivery.state.word()).or_default() += usize::from(line.reference.is_some());
    }
    counts.into_iter().filter(|(_, n)| *n > 0).collect()
}

/// Case codes that sort as they count.
pub(crate) fn references(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("R-{n:04}")).collect()
}

pub(crate) fn newcomer(reference: &str, zone: &str) -> Newcomer {
    Newcomer {
        reference: Reference::parse(reference).unwrap(),
        name: PreferredName::parse("Ana").unwrap(),
        birth_on: jiff::civil::date(1970, 5, 17),
        email: Some(EmailAddress::parse(&address(reference)).unwrap()),
        language: if reference.ends_with('1') { "es" } else { "en" }.to_owned(),
        zone: zone.to_owned(),
        detail: Detail::Standard,
        detail_follows: false,
        proxy: None,
        shared_inbox: false,
        status: PatientStatus::Active,
        contact: PatientContact::default(),
    }
}

pub(crate) fn address(reference: &str) -> String {
    format!("{}@patients.example", reference.to_lowercase())
}

pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aftercare"));
    for name in ["AFTERCARE_CONFIG", "CREDENTIALS_DIRECTORY", "RUST_LOG", "NOTIFY_SOCKET", "WATCHDOG_USEC"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something holds; says what was awaited when it does not.
pub(crate) fn until(what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
    let begun = SystemClock.monotonic();
    while !holds() {
        assert!(SystemClock.monotonic() - begun < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
