//! `aftercare doctor`: is everything in order?

mod backup_state;
mod unrecorded;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use self::backup_state::BackupState;
use self::unrecorded::Unrecorded;
use crate::care::time::zone;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::operate::letter_stop::StopLine;
use crate::config::sources::Sources;
use crate::daemon::assembly::engine;
use crate::daemon::files::{key_file, rewrite_traces};
use crate::daemon::listeners::UNANSWERED;
use crate::journey::alerts::cover;
use crate::journey::authenticator_seal;
use crate::journey::link_key::LinkKey;
use crate::journey::operations::clock_watch;
use crate::journey::operations::condition::mailbox;
use crate::journey::operations::guards::volume;
use crate::journey::operations::guards::zone_rules::{self, NewZoneRules};
use crate::store::audit;
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::held;
use crate::store::db::health::{self, Health};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Prove that the ledger balances, nobody fell out, and the database is sound
///
/// Lists every patient who has neither a next contact nor an open task: the list is empty when all is well.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare doctor --json")]
pub struct DoctorArgs {}

/// What a person must know while letters are held.
pub(in crate::cli) const HELD: &str =
    "HELD:     letters to patients wait until the task `hold` is done: `aftercare tasks list`";

/// Everything doctor looks at.
#[derive(Debug, Serialize)]
struct DoctorReport {
    ok: bool,
    findings: Vec<DoctorFinding>,
    letters: BTreeMap<String, i64>,
    promises: BTreeMap<String, i64>,
    /// Letters that were in doubt, whatever became of them since.
    may_have_arrived: i64,
    waiting: i64,
    oldest_waiting: Option<String>,
    held: bool,
    /// How many letters wait until a person agrees, because they are far more than usual.
    unusual_volume: Option<u32>,
    /// Kinds of letters that are stopped.
    stopped: Vec<serde_json::Value>,
    #[serde(skip)]
    stopped_words: Vec<String>,
    /// When the mailbox of replies was last read by IMAP.
    mailbox_read_at: Option<String>,
    /// Since when it cannot be.
    mailbox_away_since: Option<String>,
    /// Case codes that mean another page in an address; no new ones are taken.
    codes_not_plain: Vec<String>,
    /// What is missing before an alert would reach somebody on the ladder.
    no_cover: Option<String>,
    audit_events: Option<i64>,
    audit_hash: Option<String>,
    schema: i32,
    program: &'static str,
    sqlite: &'static str,
    /// The release of SQLCipher that encrypts the database; `None` for a plain one.
    encrypted: Option<String>,
    zones: &'static str,
    zones_of_system: Option<String>,
    backup: BackupState,
    /// What the zone data inside the program changes, while an older one counts.
    zones_ahead: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct DoctorFinding {
    promise: &'static str,
    fact: String,
}

/// Examines the database and shows counts and findings. It changes nothing but a fact of its own: "well" must mean that the disk
/// takes a change.
///
/// # Errors
/// 1 when something is not in order.
pub fn run(_args: &DoctorArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let health = match health::look(store.path()) {
        Err(fault) if fault.is_read_only() => Some(on_read_only_disk(&store)?),
        looked => looked?,
    };
    let mut report = store.read(|view| examine(view, health))?;
    if store.read(|view| cover::is_unlooked(view, ctx.stamp().at))? {
        report.no_cover = Some(cover::UNLOOKED.to_owned());
    }
    if let Some(doubt) = store.read(|view| clock_watch::doubt_on_record(view, &*ctx.world().clock))? {
        report
            .findings
            .push(DoctorFinding { promise: "P15", fact: format!("the clock is in doubt: {doubt}") });
        report.ok = false;
    }
    for trace in rewrite_traces::found(&ctx.config()?.database.path) {
        let fact = format!("{}: {}", trace.fact(), trace.hint());
        report.findings.push(DoctorFinding { promise: "encryption", fact });
        report.ok = false;
    }
    for Unrecorded { promise, fact } in unrecorded::look(&store, ctx)? {
        report.findings.push(DoctorFinding { promise, fact });
        report.ok = false;
    }
    if let Some(addresses) = store.read(|view| view.fact(UNANSWERED))? {
        let fact = format!(
            "systemd listens at {addresses} for the daemon, which no key of [web] names, so nobody is answered there: `systemctl edit aftercare.socket`, then `systemctl restart aftercare.socket aftercare`"
        );
        report.findings.push(DoctorFinding { promise: "sockets", fact });
        report.ok = false;
    }
    for name in locked_out(&store)? {
        let fact = format!(
            "the key of the links does not open the authenticator of `{name}`: `aftercare staff reset {name}`"
        );
        report.findings.push(DoctorFinding { promise: "accounts", fact });
        report.ok = false;
    }
    report.backup = backup_state::look(&store, ctx.config()?, ctx.stamp().at)?;
    for fact in std::mem::take(&mut report.backup.findings) {
        report.findings.push(DoctorFinding { promise: "backup", fact });
        report.ok = false;
    }
    // Told as findings, each by its name.
    drop(store.unread().take());
    let failure = match report.findings.len() {
        0 => return ctx.show(&report, |out| words(out, &report)),
        1 => Failure::failed("1 finding"),
        n => Failure::failed(format!("{n} findings")),
    };
    let failure = failure.hint("each names the promise it breaks: see docs/operating.md");
    ctx.show_failed(failure, &report, |out| words(out, &report))
}

/// The file as far as it can be read.
fn on_read_only_disk(store: &Store) -> Result<Health, StoreError> {
    let schema = health::schema(store.path())?;
    store.read(|view| {
        let (complaints, schema_diff) = (view.quick_check()?, view.schema_diff()?);
        Ok(Health { schema, known: schema, complaints, schema_diff })
    })
}

/// Accounts whose authenticators were sealed with another key than the one that is there.
fn locked_out(store: &Store) -> Result<Vec<String>, Failure> {
    let key = store.read(|view| key_file::prove(store.path(), view))?.map(LinkKey::new);
    let Some(key) = key else { return Ok(Vec::new()) };
    Ok(store.read(|view| authenticator_seal::locked_out(view, &key))?)
}

fn examine(view: &View<'_>, health: Option<Health>) -> Result<DoctorReport, StoreError> {
    let mut findings: Vec<DoctorFinding> =
        view.findings()?.into_iter().map(|f| DoctorFinding { promise: f.promise, fact: f.fact }).collect();
    let schema = health.as_ref().map_or(0, |health| health.schema);
    let facts = health.into_iter().flat_map(|health| health.complaints.into_iter().chain(health.schema_diff));
    findings.extend(facts.map(|fact| DoctorFinding { promise: "database", fact }));
    findings.extend(unreadable(view)?);
    let chain = audit::verify(view);
    if let Err(fault) = &chain {
        findings.push(DoctorFinding { promise: "P12", fact: fault.to_string() });
    }
    let (waiting, oldest) = view.oldest_waiting()?;
    let chain = chain.ok();
    let (stops, mailbox) = (StopLine::all(view)?, mailbox::readings(view)?);
    Ok(DoctorReport {
        ok: findings.is_empty(),
        findings,
        letters: view.balance()?.into_iter().collect(),
        promises: view.promises()?.into_iter().collect(),
        may_have_arrived: view.doubtful()?,
        waiting,
        oldest_waiting: oldest.map(|at| at.to_string()),
        held: view.is_held()?,
        unusual_volume: volume::held(view)?,
        stopped: stops.iter().map(StopLine::json).collect(),
        stopped_words: stops.iter().map(StopLine::words).collect(),
        mailbox_read_at: mailbox.read_at.map(|at| at.to_string()),
        mailbox_away_since: mailbox.away_since.map(|since| since.to_string()),
        codes_not_plain: view.codes_not_plain()?,
        no_cover: view.missing_cover()?,
        audit_events: chain.as_ref().map(|c| c.last),
        audit_hash: chain.map(|c| data_encoding::HEXLOWER.encode(&c.hash)),
        schema,
        program: env!("CARGO_PKG_VERSION"),
        sqlite: health::sqlite_version(),
        encrypted: held::held().and_then(|_| held::cipher_version()),
        zones: zone::version(),
        zones_of_system: of_system(),
        backup: BackupState::default(),
        zones_ahead: zone_rules::ahead(view)?.map(|change| zones_ahead(&change)),
    })
}

/// Records that cannot be read, published protocols that somebody is on among them.
fn unreadable(view: &View<'_>) -> Result<Vec<DoctorFinding>, StoreError> {
    let mut found: Vec<String> =
        view.census()?.iter().map(|(place, why)| format!("record `{place}` cannot be read: {why}")).collect();
    let protocol_cache = engine::protocol_cache(&Sources::shipped());
    for version in view.protocol_versions()?.into_iter().filter(|version| version.patients > 0) {
        if let Err(fault) = protocol_cache.get(view, version.id) {
            found.push(format!("record `protocol_version/{}`: {fault}", version.id.0));
        }
    }
    found.dedup();
    Ok(found.into_iter().map(|fact| DoctorFinding { promise: "records", fact }).collect())
}

/// What new zone data changes, as `--json` shows it.
fn zones_ahead(change: &NewZoneRules) -> serde_json::Value {
    let zones: BTreeMap<&str, u32> =
        change.zones.iter().map(|one| (one.zone.as_str(), one.follow_ups)).collect();
    json!({ "from": change.from, "to": change.to, "planned": zones })
}

/// The release of the machine's own zone database; ours is the one inside the program.
fn of_system() -> Option<String> {
    let rules = std::fs::read_to_string("/usr/share/zoneinfo/tzdata.zi").ok()?;
    rules.lines().next()?.strip_prefix("# version ").map(str::to_owned)
}

/// What new zone data will change at the next start, if anything.
fn zones_ahead_words(out: &mut dyn std::io::Write, report: &DoctorReport) -> std::io::Result<()> {
    if let Some(ahead) = &report.zones_ahead {
        let counts = ahead["from"].as_str().unwrap_or_default();
        let planned = ahead["planned"].as_object().into_iter().flatten();
        let zones: Vec<String> = planned.map(|(zone, count)| format!("{zone} ({count} planned)")).collect();
        let zones = if zones.is_empty() { "nothing that is planned".to_owned() } else { zones.join(", ") };
        writeln!(
            out,
            "          {counts} counts until the next start, which keeps each local hour; concerned: {zones}"
        )?;
    }
    Ok(())
}

/// Case codes that may lead a browser or a proxy to another page, if there are any.
fn codes_words(out: &mut dyn std::io::Write, codes: &[String]) -> std::io::Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let codes = codes.join(", ");
    writeln!(out, "codes:    {codes}: may lead a proxy to another page; merge each into another record")
}

fn words(out: &mut dyn std::io::Write, report: &DoctorReport) -> std::io::Result<()> {
    let sum = |counts: &BTreeMap<String, i64>| {
        let all: i64 = counts.values().sum();
        let each: Vec<String> = counts.iter().map(|(state, n)| format!("{n} {state}")).collect();
        format!("{all} ({})", each.join(", "))
    };
    writeln!(out, "letters:  {}", sum(&report.letters))?;
    if report.may_have_arrived > 0 {
        writeln!(
            out,
            "          {} of them may have arrived, or twice: `aftercare ledger`",
            report.may_have_arrived
        )?;
    }
    writeln!(out, "promises: {}", sum(&report.promises))?;
    let since = report.oldest_waiting.as_ref().map(|at| format!(", the oldest for {at}")).unwrap_or_default();
    writeln!(out, "waiting:  {} letters{since}", report.waiting)?;
    if report.held {
        writeln!(out, "{HELD}")?;
    }
    if let Some(waiting) = report.unusual_volume {
        writeln!(
            out,
            "VOLUME:   {waiting} letters of the plan wait, far more than usual: `aftercare letters agree`"
        )?;
    }
    for stop in &report.stopped_words {
        writeln!(out, "STOPPED:  {stop}")?;
    }
    if let Some(missing) = &report.no_cover {
        writeln!(out, "COVER:    {missing} Letters offer no form: `aftercare alerts test`")?;
    }
    if let Some(at) = &report.mailbox_read_at {
        let away = report.mailbox_away_since.as_ref();
        let away = away.map(|since| format!("; it cannot be read since {since}")).unwrap_or_default();
        writeln!(out, "mailbox:  read to the end at {at}{away}")?;
    }
    codes_words(out, &report.codes_not_plain)?;
    let events = report.audit_events.map_or_else(|| "broken".to_owned(), |n| format!("{n} events, unbroken"));
    writeln!(out, "audit:    {events}")?;
    let encrypted = match &report.encrypted {
        Some(cipher) => format!("encrypted by SQLCipher {cipher}"),
        None => "not encrypted".to_owned(),
    };
    writeln!(out, "database: schema {}, SQLite {}, {encrypted}", report.schema, report.sqlite)?;
    let system = report.zones_of_system.as_deref().unwrap_or("unknown");
    writeln!(out, "zones:    {} inside the program (this machine has {system})", report.zones)?;
    backup_state::write(out, &report.backup)?;
    zones_ahead_words(out, report)?;
    for finding in &report.findings {
        writeln!(out, "{}: {}", finding.promise, finding.fact)?;
    }
    if report.ok {
        writeln!(out, "all is well: the ledger balances and nobody has fallen out")
    } else {
        Ok(())
    }
}
