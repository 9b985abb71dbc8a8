//! `aftercare rehearse`: the future, lived in a copy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::{demo, doctor};
use crate::care::time::calendar::end_of_day;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::export;
use crate::cli::run_as;
use crate::cli::work::ledger;
use crate::clock::SystemClock;
use crate::daemon::backup::rehearsal_copy::{self, Copy};
use crate::daemon::files::paths;
use crate::daemon::rehearsal::{SimulatedClinic, live};
use crate::journey::errors::step::StepError;
use crate::ports::Clock;
use crate::store::error::StoreError;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};

/// Live a copy of the database forward and keep every letter it would send
///
/// A simulated clock, a spool and a copy: neither the mail server nor the database is touched. Nobody answers, books or
/// falls ill in a rehearsal, so it holds every reminder that silence would bring.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare rehearse --until 2028-06-30 --out /tmp/rehearsal")]
pub struct RehearseArgs {
    /// The last day to live through.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// A new or empty directory for the letters (.eml) and the ledger (CSV).
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Serialize)]
struct RehearsalReport {
    from: Date,
    until: Date,
    /// How many letters stand in each state at the end, those to staff included.
    letters: BTreeMap<String, u64>,
    /// Promises in sent letters, by series and step.
    sent: BTreeMap<String, u64>,
    /// Letters that did not leave, by reason.
    not_sent: BTreeMap<String, u64>,
    /// Letters to patients wait for a person, here as in the database that was copied.
    held: bool,
    findings: Vec<String>,
    directory: PathBuf,
    ledger: PathBuf,
}

/// Lives a copy in `--out` forward to the last day, and shows what it would send.
///
/// # Errors
/// [`Failure`]: 65 when `--out` is not empty or `--until` is past, 78 when there is no database.
pub fn run(args: &RehearseArgs, ctx: &Context) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?.clone(), ctx.sources()?);
    run_as::take_on(&config.database.path)?;
    let start = SystemClock.now();
    let here = &config.clinic.zone;
    let from = here.to_datetime(start).date();
    if args.until < from {
        let error = format!("`{}` is past: today is {from}", args.until);
        return Err(Failure::bad_input(error).hint("give --until a day to come"));
    }
    demo::empty(&args.out)?;
    let until = end_of_day(args.until, here);
    let copy = rehearsal_copy::copy(&config, &sources, &args.out, start)
        .map_err(|fault| cleared(&args.out, fault.into()))?;
    play(&copy, until, ctx)?;
    let report = report(&copy, from, args.until, &args.out)?;
    ctx.show(&report, |out| words(&report, out))
}

/// What a failed start left is taken away, so that the same command can be tried again.
fn cleared(directory: &Path, failure: Failure) -> Failure {
    for name in [rehearsal_copy::database(directory), paths::key_path(&rehearsal_copy::database(directory))] {
        // It may not have come so far.
        drop(std::fs::remove_file(name));
    }
    failure
}

fn play(copy: &Copy, until: Timestamp, ctx: &Context) -> Result<(), Failure> {
    let stage = SimulatedClinic { clinic: &copy.engine.clinic, post: &copy.engine.post, clock: &copy.clock };
    let begin = copy.clock.now();
    let days = |at: Timestamp| u64::try_from(at.duration_since(begin).as_hours() / 24).unwrap_or_default();
    let bar = demo::bar(days(until), "the time to come");
    let lived = live::<StepError>(&stage, until, |now, _| {
        bar.set_position(days(now));
        Ok(())
    });
    let lived = ctx.runtime()?.block_on(lived);
    bar.finish_and_clear();
    Ok(lived?)
}

fn report(copy: &Copy, from: Date, until: Date, directory: &Path) -> Result<RehearsalReport, Failure> {
    let store = &copy.engine.clinic.store;
    // Zones west of the clinic may still have yesterday.
    let since = LedgerFilter { since: Some(from.saturating_sub(1.day())), ..LedgerFilter::default() };
    let lines = store.read(|view| view.ledger(&since))?;
    let path = directory.join("ledger.csv");
    ledger::csv(&lines, export::sink(Some(&path))?)?;
    let (held, findings) = store.read(|view| Ok::<_, StoreError>((view.is_held()?, view.findings()?)))?;
    let mut report = RehearsalReport {
        from,
        until,
        letters: BTreeMap::new(),
        sent: BTreeMap::new(),
        not_sent: BTreeMap::new(),
        held,
        findings: findings.into_iter().map(|f| format!("{}: {}", f.promise, f.fact)).collect(),
        directory: rehearsal_copy::letters(directory),
        ledger: path,
    };
    lines.iter().for_each(|line| count(&mut report, line));
    Ok(report)
}

fn count(report: &mut RehearsalReport, line: &LedgerLine) {
    let state = line.delivery.state.word();
    *report.letters.entry(state.to_owned()).or_default() += 1;
    if state == "sent" {
        for step in line.steps.split(", ").filter(|s| !s.is_empty()) {
            *report.sent.entry(step.to_owned()).or_default() += 1;
        }
    } else {
        let waits = if report.held && line.reference.is_some() { "held" } else { "waiting for its hour" };
        let reason = line.delivery.reason.as_deref().unwrap_or(waits);
        let stands = ledger::stands(&line.delivery);
        *report.not_sent.entry(format!("{stands}: {reason}")).or_default() += 1;
    }
}

fn words(report: &RehearsalReport, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    writeln!(out, "Rehearsed from {} to {}. Nothing left this machine.", report.from, report.until)?;
    if report.held {
        writeln!(out, "\n{}", doctor::HELD)?;
    }
    writeln!(out, "\nLetters")?;
    demo::lines(out, report.letters.iter().map(|(state, n)| (*n, state.clone())))?;
    writeln!(out, "\nPromises kept in them")?;
    demo::lines(out, report.sent.iter().map(|(step, n)| (*n, step.replace(':', ": "))))?;
    if !report.not_sent.is_empty() {
        writeln!(out, "\nLetters that would not leave, and why")?;
        demo::lines(out, report.not_sent.iter().map(|(why, n)| (*n, why.clone())))?;
    }
    if !report.findings.is_empty() {
        writeln!(out, "\nWhat does not balance")?;
        demo::lines(out, report.findings.iter().map(|f| (1, f.clone())))?;
    }
    writeln!(out, "\nWhere to look\n  letters   {}", report.directory.display())?;
    writeln!(out, "  ledger    {}", report.ledger.display())
}
