//! The typed configuration: one struct per section, one field per key of `config/aftercare.toml`.

use crate::config::file::mailbox::Mailbox;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use super::learn::Learn;
use super::places::{Backup, Heartbeat, Paths, Test};
use crate::care::address::EmailAddress;
use crate::care::phone::Phone;
use crate::care::time::calendar::SendingHours;

/// Everything the clinic decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[clinic]`
    pub clinic: ClinicSection,
    /// `[database]`
    pub database: Database,
    /// `[mail]`
    pub mail: Mail,
    /// `[sending]`
    pub sending: Sending,
    /// `[checklists]`
    pub checklists: ChecklistSection,
    /// `[alerts]`
    pub alerts: Alerts,
    /// `[web]`
    pub web: Web,
    /// `[learn]`
    pub learn: Learn,
    /// `[heartbeat]`
    pub heartbeat: Heartbeat,
    /// `[backup]`
    pub backup: Backup,
    /// `[paths]`
    pub paths: Paths,
    /// `[test]`
    pub test: Test,
}

/// Who writes, and whom to ring. Every letter carries these.
#[derive(Debug, Clone)]
pub struct ClinicSection {
    /// Full name.
    pub name: String,
    /// Short, neutral name for subjects and senders (P10).
    pub short_name: String,
    /// IANA name of the clinic's own zone.
    pub time_zone: String,
    /// That zone.
    pub zone: TimeZone,
    /// Where it is (ISO 3166-1 alpha-2), for numbers without a country code and the way of dates; that of the zone unless
    /// written.
    pub country: Option<String>,
    /// Answered in opening hours.
    pub phone_office: String,
    /// Answered day and night.
    pub phone_24h: String,
    /// The country's emergency number.
    pub emergency_number: String,
    /// The three numbers as a phone dials them.
    pub dial: Dial,
    /// Which number a patient rings first in an emergency.
    pub emergency_first: First,
    /// Where to go in an emergency, as a patient would say it.
    pub emergency_dept: String,
    /// Postal address, one line.
    pub address: String,
    /// When the office is open, in words.
    pub opening_hours: String,
    /// Dates on which no routine letter leaves.
    pub holidays: BTreeSet<Date>,
    /// `[clinic.in.es]`: what is said otherwise in another language, by its code.
    pub local: BTreeMap<String, LocalWords>,
}

/// The numbers to ring as a phone dials them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// `phone_office`
    pub office: Phone,
    /// `phone_24h`
    pub day_and_night: Phone,
    /// `emergency_number`
    pub emergency: Phone,
}

/// The clinic's own words in one further language; the plain ones are in the first of `sending.languages`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalWords {
    /// Where to go in an emergency.
    pub emergency_dept: Option<String>,
    /// When the office is open.
    pub opening_hours: Option<String>,
}

/// Which number comes first (a local choice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The clinic's own line, day and night.
    Hotline,
    /// The country's emergency number.
    EmergencyNumber,
    /// Either.
    Both,
}

/// Where the memory lies.
#[derive(Debug, Clone)]
pub struct Database {
    /// The SQLite file.
    pub path: PathBuf,
}

/// How letters leave.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Which courier carries them.
    pub transport: Transport,
    /// The From of every letter.
    pub from: Mailbox,
    /// Where replies go, if not to `from`.
    pub reply_to: Option<EmailAddress>,
    /// The part of every Message-ID after the @.
    pub message_id_domain: String,
    /// Where the spool courier writes `.eml` files.
    pub spool_dir: PathBuf,
}

/// A courier.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A mail server.
    Smtp(SmtpSection),
    /// Files; nothing leaves.
    Spool,
}

impl Transport {
    /// Whether letters go to a mail server.
    #[must_use]
    pub const fn is_smtp(&self) -> bool {
        matches!(self, Self::Smtp(_))
    }
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpSection {
    /// Name or IP address.
    pub host: String,
    /// Port, never 0.
    pub port: u16,
    /// How the line is encrypted.
    pub tls: TlsMode,
    /// The full name said at EHLO; this machine's, or the domain of our letters, when absent.
    pub hello: Option<String>,
    /// Who signs in; nobody when absent.
    pub username: Option<String>,
    /// How.
    pub auth: AuthKind,
    /// Name of the credential, or absolute path of the file, that holds the password or token.
    pub password_credential: Option<String>,
    /// Further trusted certificates (PEM).
    pub ca_file: Option<PathBuf>,
    /// How many lines are open at once; at least 1.
    pub connections: usize,
    /// Deadline of every step of the dialogue.
    pub timeout: Duration,
}

/// How an SMTP line is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// In the clear first, then STARTTLS; required, never optional.
    StartTls,
    /// From the first byte.
    Implicit,
    /// Never; only to this very machine.
    None,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthKind {
    /// AUTH PLAIN.
    Plain,
    /// AUTH LOGIN.
    Login,
    /// AUTH XOAUTH2; the credential is the token.
    XOAuth2,
}

/// When and how much is sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// `at`, `window`, `weekdays` and the clinic's holidays.
    pub hours: SendingHours,
    /// Most letters to one patient on one local day.
    pub daily_cap: u32,
    /// Most letters to one patient in seven days.
    pub weekly_cap: u32,
    /// Most letters a minute over all lines.
    pub max_per_minute: u32,
    /// Waits before each new attempt; the last one repeats.
    pub retry: Vec<Duration>,
    /// After this long an unsent letter is given up, at the latest.
    pub give_up_after: Duration,
    /// How long a letter of unknown fate rests before it goes again.
    pub unknown_rests: Duration,
    /// Languages in which the clinic writes; the first is the fallback.
    pub languages: Vec<String>,
}

/// What becomes of answers (docs/flow.md).
#[derive(Debug, Clone)]
pub struct ChecklistSection {
    /// Who judges.
    pub mode: JudgingMode,
    /// Which answers the clinic reads in `education`.
    pub read: ReadAnswers,
    /// Who answers for the rules; always there in triage.
    pub sign_off: Option<SignOffSection>,
}

/// Which answers the clinic reads in `education`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAnswers {
    /// Each that is more than a plain "no".
    Everything,
    /// What is new, worse or not sure, and what nobody has confirmed as known.
    NewOrWorse,
}

/// Who judges answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgingMode {
    /// The clinic reads every answer that is not "no".
    Education,
    /// The signed-off rules sort answers into tiers.
    Triage,
}

/// A clinician's signature under a version of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOffSection {
    /// Who signed.
    pub name: String,
    /// In which role.
    pub role: String,
    /// When.
    pub date: Date,
    /// The version of the checklist that was signed.
    pub version: String,
}

/// How an alert reaches a person (P6).
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Who is told, in order of `after`; never empty.
    pub ladder: Vec<RungSection>,
    /// A signed call to another system.
    pub webhook: Option<Webhook>,
    /// How often an open alert is told again.
    pub repeat_every: Duration,
    /// Days between test alerts.
    pub test_every_days: u32,
    /// Whether a worrying answer also sends the patient the advice by mail.
    pub patient_letter: bool,
}

/// One person or desk on the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungSection {
    /// What it is called for good, whatever becomes of name and address.
    pub id: Option<String>,
    /// Who, as shown to staff.
    pub name: String,
    /// Where.
    pub email: EmailAddress,
    /// An address of their own to call.
    pub webhook: Option<String>,
    /// Local hours (from, until) in which this rung is reached; always when absent.
    pub hours: Option<(Time, Time)>,
    /// Days on which it is reached; every day when absent.
    pub days: Option<Vec<Weekday>>,
    /// How long after the alert was raised.
    pub after: Duration,
}

/// A call to another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// https, or http to this very machine.
    pub url: String,
    /// Credential that holds the signing key.
    pub secret_credential: String,
}

/// The pages.
#[derive(Debug, Clone)]
pub struct Web {
    /// Where the patients' pages listen.
    pub listen: SocketAddr,
    /// What patients' links start with; no slash at the end.
    pub public_url: String,
    /// Where the console listens.
    pub console_listen: SocketAddr,
    /// Where staff reach the console, if not there itself; no slash at the end.
    pub console_url: Option<String>,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Web {
    /// What the links in alerts' letters start with.
    #[must_use]
    pub fn console(&self) -> String {
        self.console_url.clone().unwrap_or_else(|| format!("http://{}", self.console_listen))
    }
}
