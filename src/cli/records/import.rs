//! `aftercare import`: patients and enrolments from a CSV file or a workbook.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::care::patient::PatientStatus;
use crate::care::plan::protocol::Protocol;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::config::file::fault::Fault;
use crate::config::protocols::protocol;
use crate::daemon::assembly::engine::{self, PublishedProtocol};
use crate::exchange::roster::dates::Order;
use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rows::Roster;
use crate::exchange::roster::rules::{Origin, RosterRules};
use crate::exchange::roster::survey::{RecordOnFile, Survey, SurveyError, SurveyListener, survey};
use crate::journey::commands::roster::{self, ImportOutcome, RosterEntry, Terms};
use crate::journey::deps::Deps;
use crate::journey::plan::enrol::{Admission, Course};
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::store::database::{OpenMode, Store};

/// Rows that travel together from the reader to the writer, and how many such bundles may wait: some 1 MB.
const BUNDLE: usize = 128;
const WAITING: usize = 8;

/// Take patients and their enrolments in from a CSV file or a workbook (.xlsx, .ods)
///
/// Columns: reference, preferred_name, birth_date, email, language, time_zone, protocol, anchor_on; optional: status,
/// detail, shared_inbox, next_visit_at (YYYY-MM-DD HH:MM in the clinic's zone), place, phone, phone_2, best_time,
/// other_contact (who else may be rung), other_phone. Numbers without a country code are those of `[clinic] country`. Dates are YYYY-MM-DD; others, such
/// as 31/01/2027, with --dates, or where every row of the file tells the order by itself. Zones are IANA names or those of
/// Windows, languages BCP 47 tags. A protocol
/// and its add-ons are joined by a plus: `sgo2017-high+bone-health`. Where `anchor_on` is empty she is taken in without a
/// plan, and a task asks for what is missing. Of someone on record only a death, an opt-out, and telephone numbers where none stand are taken in; all else
/// that differs is a fault. Every faulty row is reported; nothing is taken in
/// unless all rows are sound, or --partial is given. Running it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare import patients.csv --dry-run")]
pub struct ImportArgs {
    /// The file: CSV in UTF-8, or a workbook; with a header line.
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// The order of day, month and year in dates that do not begin with the year.
    #[arg(long, value_name = "ORDER", value_parser = Order::WORDS)]
    pub dates: Option<String>,
    /// The sheet of the workbook; the first that has the header otherwise.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Say what would happen, change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Take the sound rows in although others are faulty.
    #[arg(long)]
    pub partial: bool,
    /// An add-on for every row; may be given several times.
    #[arg(long = "add-on", value_name = "NAME")]
    pub add_ons: Vec<String>,
}

/// What an import came to.
#[derive(Debug, Default, Serialize)]
struct ImportReport {
    file: String,
    dry_run: bool,
    rows: u64,
    added: u64,
    changed: u64,
    unchanged: u64,
    faulty: u64,
    faults: Vec<RowFault>,
    remarks: Vec<RowFault>,
}

/// Looks at every row before it takes any in; with `--dry-run`, takes none in.
///
/// # Errors
/// 65 when rows are faulty and --partial was not given; then nothing was taken in.
pub fn run(args: &ImportArgs, ctx: &Context) -> Result<(), Failure> {
    let config = ctx.config()?;
    let library =
        protocol::library(&ctx.sources()?, &engine::languages(config)).map_err(Failure::bad_configuration)?;
    let known: BTreeMap<String, Arc<Protocol>> =
        library.into_iter().map(|(id, published)| (id, Arc::new(published.protocol))).collect();
    let here = zone(&config.clinic.time_zone)?;
    let stamp = ctx.stamp();
    let rules =
        RosterRules::new(config.sending.languages.clone(), known, args.add_ons.clone(), day(stamp.at, &here));
    let rules =
        rules.rung_from(config.clinic.country.clone()).in_order(args.dates.as_deref().and_then(Order::parse));
    let origin = Origin { path: args.file.clone(), sheet: args.sheet.clone() };
    let roster = Roster { origin, rules };
    let clinic = if args.dry_run { None } else { Some(ctx.clinic(OpenMode::Create)?) };
    let looked_at = match &clinic {
        Some((clinic, _)) => Some(clinic.store.clone()),
        None => existing(ctx)?,
    };
    let record = RecordOnFile {
        store: looked_at.as_ref(),
        now: stamp.at,
        zone: here,
        open: config.sending.hours.days.clone(),
    };
    let mut report = ImportReport {
        file: args.file.display().to_string(),
        dry_run: args.dry_run,
        ..ImportReport::default()
    };
    let survey = look(&roster, &record, ctx, &mut report)?;
    if report.faulty > 0 && !args.partial {
        return Err(refused(&report, survey.departed.len()));
    }
    match clinic {
        Some((clinic, published)) => {
            let terms = if args.partial { Terms::Partial } else { Terms::Whole };
            take_in(SurveyedRoster { roster, survey, published, terms }, &clinic, ctx, &mut report)?
        }
        None => (report.added, report.changed) = (survey.new, count(changed(&survey))),
    }
    tell(&report, ctx)
}

fn existing(ctx: &Context) -> Result<Option<Store>, Failure> {
    let there = ctx.config()?.database.path.exists();
    there.then(|| ctx.store(OpenMode::AsItIs)).transpose()
}

fn bar(ctx: &Context, roster: &Roster, what: &'static str) -> ProgressBar {
    if ctx.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:11} [{bar:40}] {percent:>3}% {eta}");
    ProgressBar::new(roster.bytes())
        .with_message(what)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn look(
    roster: &Roster,
    record: &RecordOnFile<'_>,
    ctx: &Context,
    report: &mut ImportReport,
) -> Result<Survey, Failure> {
    let bar = bar(ctx, roster, "looking");
    let (faults, remarks) = (&mut report.faults, &mut report.remarks);
    let mut hear = |fault: RowFault| match ctx.json {
        true => faults.push(fault),
        false => bar.suspend(|| ctx.say(&line(&report.file, &fault))),
    };
    let mut note = |remark: RowFault| match ctx.json {
        true => remarks.push(remark),
        false => bar.suspend(|| ctx.say(&format!("remark: {}", line(&report.file, &remark)))),
    };
    let told =
        &mut SurveyListener { fault: &mut hear, remark: &mut note, bytes: &mut |n| bar.set_position(n) };
    let found = survey(roster, record, told).map_err(|stop| match stop {
        SurveyError::File(faults) => unreadable(&roster.origin.path.display().to_string(), faults),
        SurveyError::Store(fault) => fault.into(),
    })?;
    bar.finish_and_clear();
    (report.rows, report.unchanged, report.faulty) = (found.rows, found.unchanged, found.faulty);
    Ok(found)
}

fn unreadable(file: &str, faults: Vec<RowFault>) -> Failure {
    let faults = faults.into_iter().map(|f| Fault {
        file: file.to_owned(),
        line: usize::try_from(f.line).unwrap_or(0),
        problem: f.problem,
        hint: f.hint,
    });
    Failure { faults: faults.collect(), ..Failure::bad_input("the file cannot be taken in") }
}

fn line(file: &str, fault: &RowFault) -> String {
    let column = fault.column.map(|c| format!("`{c}` ")).unwrap_or_default();
    format!("{file}:{}: {column}{}\n  hint: {}", fault.line, fault.problem, fault.hint)
}

/// Nothing was written down, not even that somebody has died: that must not wait for a slip in another row.
fn refused(report: &ImportReport, departed: usize) -> Failure {
    let rows = if report.faulty == 1 { "1 row is" } else { &format!("{} rows are", report.faulty) };
    let mut problem = format!("{rows} faulty; nobody was taken in");
    let mut hint = "mend them, or take the sound rows in with `--partial`".to_owned();
    if departed > 0 {
        problem += &format!(", and of {departed} who have died or want no letters that is not recorded yet");
        hint += "; do it now: letters go on to those who have died until it is recorded";
    }
    Failure::new(Exit::BadInput, problem).hint(hint).with_report(report)
}

fn changed(survey: &Survey) -> usize {
    survey.departed.len() + survey.reachable.len()
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn tell(report: &ImportReport, ctx: &Context) -> Result<(), Failure> {
    let verb = if report.dry_run { "would be taken in" } else { "taken in" };
    let changed = match report.changed {
        0 => String::new(),
        changed => format!("{changed} changed (died, want no letters, or can be rung now), "),
    };
    ctx.show(report, |out| {
        writeln!(
            out,
            "{} rows: {} {verb}, {changed}{} unchanged, {} faulty",
            report.rows, report.added, report.unchanged, report.faulty
        )
    })
}

/// A roster that was looked through once, and how it is taken in.
struct SurveyedRoster {
    roster: Roster,
    /// Which of its rows are new, departed or passed over.
    survey: Survey,
    published: PublishedProtocol,
    terms: Terms,
}

fn take_in(
    surveyed: SurveyedRoster,
    clinic: &Deps,
    ctx: &Context,
    report: &mut ImportReport,
) -> Result<(), Failure> {
    if surveyed.survey.new == 0 && changed(&surveyed.survey) == 0 {
        return Ok(());
    }
    let (terms, bar) = (surveyed.terms, bar(ctx, &surveyed.roster, "taking in"));
    let (out, bundles) = sync_channel(WAITING);
    let broken = Arc::new(RwLock::new(None));
    let told = Arc::clone(&broken);
    let shown = bar.clone();
    let reader = std::thread::spawn(move || {
        if let Err(faults) = read(&surveyed, &out, &shown) {
            *told.write().unwrap_or_else(PoisonError::into_inner) = Some(faults);
        }
    });
    let taken = admit(clinic, ctx, bundles, terms);
    drop(reader.join());
    bar.finish_and_clear();
    if let Some(faults) = broken.write().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(unreadable(&report.file, faults));
    }
    let taken = taken.map_err(|turned| {
        let hint = turned.why.hint();
        let fault = RowFault::whole(turned.place, turned.why.to_string(), hint);
        match turned.place {
            0 => Failure::from(turned.why),
            _ => unreadable(&report.file, vec![fault]),
        }
    })?;
    for turned in taken.rejected {
        let fault = RowFault::whole(turned.place, turned.why.to_string(), turned.why.hint());
        report.faulty += 1;
        if ctx.json {
            report.faults.push(fault);
        } else {
            ctx.say(&line(&report.file, &fault));
        }
    }
    (report.added, report.changed) = (taken.added, taken.changed);
    ctx.changed()
}

type Bundle = Vec<(u64, RosterEntry)>;

fn admit(
    clinic: &Deps,
    ctx: &Context,
    bundles: Receiver<Bundle>,
    terms: Terms,
) -> Result<ImportOutcome, roster::RejectedRow> {
    roster::admit_all(clinic, ctx.stamp(), bundles.into_iter(), terms)
}

/// Reads the sound rows again and hands them to the writer. A writer that stopped early has said why.
fn read(surveyed: &SurveyedRoster, out: &SyncSender<Bundle>, bar: &ProgressBar) -> Result<(), Vec<RowFault>> {
    let SurveyedRoster { roster, survey, published, .. } = surveyed;
    let mut lines = roster.open()?;
    let mut bundle = Bundle::with_capacity(BUNDLE);
    while let Some(row) = lines.next() {
        let Ok(row) = row else { continue };
        let line = row.line;
        if survey.departed.contains(&line) {
            bundle.push((line, departure(row)));
        } else if survey.reachable.contains(&line) {
            let (whose, contact) = (row.newcomer.reference, row.newcomer.contact);
            bundle.push((line, RosterEntry::Telephone { whose, contact }));
        } else if survey.passed_over.contains(&line) {
            continue;
        } else {
            bundle.push((line, RosterEntry::Newcomer(admission(row, published))));
        }
        if bundle.len() == BUNDLE {
            bar.set_position(lines.bytes());
            if out.send(std::mem::replace(&mut bundle, Bundle::with_capacity(BUNDLE))).is_err() {
                return Ok(());
            }
        }
    }
    // The empty bundle says that the list is complete.
    for last in Some(bundle).filter(|b| !b.is_empty()).into_iter().chain([Bundle::new()]) {
        if out.send(last).is_err() {
            break;
        }
    }
    Ok(())
}

/// What the roster says of someone on record.
fn departure(row: RosterRow) -> RosterEntry {
    let (to, line) = (row.newcomer.status, row.line);
    let said = if to == PatientStatus::Deceased { "that she has died" } else { "that she wants no letters" };
    let reason = format!("the clinic's roster says {said} (line {line})");
    let change = StatusChange { to, reason, until: None, confirmed_by: None };
    RosterEntry::Standing { whose: row.newcomer.reference, change }
}

fn admission(row: RosterRow, published: &PublishedProtocol) -> Admission {
    let Some(anchor_on) = row.anchor_on else {
        let (newcomer, waiting) = (row.newcomer, row.protocols);
        return Admission { newcomer, courses: Vec::new(), waiting, next_visit: None };
    };
    let course = |name: &String| {
        let (version, protocol) = published.get(name)?;
        Some(Course { version: *version, protocol: Arc::clone(protocol), anchor_on })
    };
    let courses = row.protocols.iter().filter_map(course).collect();
    Admission { newcomer: row.newcomer, courses, waiting: Vec::new(), next_visit: row.next_visit }
}
