//! `aftercare demo`: the whole product on shipped defaults, alive.

use std::fs::DirBuilder;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::context::Context;
use super::exit::Failure;
use crate::clock::SystemClock;
use crate::daemon::demo::{self, DemoFault, Place, tally};
use crate::ports::Clock;

/// Show the whole product at work, with nothing to configure
///
/// A made-up clinic and synthetic patients live two years forward under a simulated clock, through the code that
/// runs for real. Letters go into a spool; nothing leaves this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare demo --once --out /tmp/demo")]
pub struct Args {
    /// Run the story, print the summary and exit.
    #[arg(long)]
    pub once: bool,
    /// Where letters and the database go; a fresh directory of its own otherwise.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The story's seed; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    from: String,
    until: String,
    letters: PathBuf,
    database: PathBuf,
    #[serde(flatten)]
    tally: tally::Tally,
}

/// Runs it.
///
/// # Errors
/// [`Failure`]: 65 when `--out` is not empty.
pub fn run(args: &Args, ctx: &Context) -> Result<(), Failure> {
    let place = Place { directory: directory(args)?, seed: args.seed, until: SystemClock.now() };
    ctx.say("A clinic with 36 made-up patients lives two years. This takes a moment.");
    let bar = bar(730, "two years");
    let runtime = ctx.runtime()?;
    let engine = runtime.block_on(demo::play(&place, |days| bar.set_position(days)));
    bar.finish_and_clear();
    let engine = engine?;
    let tally = engine.clinic.store.read(tally::tally)?;
    let report = Report {
        from: "two years ago".to_owned(),
        until: place.until.strftime("%Y-%m-%d").to_string(),
        letters: place.letters(),
        database: place.database(),
        tally,
    };
    ctx.show(&report, |out| words(&report, out))
}

fn directory(args: &Args) -> Result<PathBuf, Failure> {
    let directory = args
        .out
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("aftercare-demo-{}", std::process::id())));
    empty(&directory)?;
    Ok(directory)
}

/// Makes a directory of its owner's alone; one that is there must be empty.
///
/// # Errors
/// 65 when it is not.
pub(super) fn empty(directory: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    if std::fs::read_dir(directory)?.next().is_some() {
        let error = format!("`{}` is not empty", directory.display());
        return Err(Failure::bad_input(error).hint("give --out a directory that does not exist yet"));
    }
    Ok(())
}

/// A bar over so many days, on a terminal only.
pub(super) fn bar(days: u64, of: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {percent} % of {msg}").unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(days).with_style(style).with_message(of.to_owned())
}

fn words(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    let tally = &report.tally;
    writeln!(out, "Two years at a made-up clinic, until {}", report.until)?;
    writeln!(out, "\n{} patients", tally.patients.values().sum::<u64>())?;
    lines(out, tally.patients.iter().map(|(status, n)| (*n, status.replace('_', " "))))?;
    writeln!(out, "\n{} letters sent. One letter may keep several promises:", tally.sent)?;
    lines(out, tally.sent_by_step.iter().map(|(step, n)| (*n, tally::about(step).to_owned())))?;
    writeln!(out, "\nLetters that did not leave, and why")?;
    lines(out, tally.not_sent.iter().map(|(why, n)| (*n, why.clone())))?;
    writeln!(out, "\nTasks opened for a person ({} still open)", tally.tasks_open)?;
    lines(out, tally.tasks.iter().map(|(kind, n)| (*n, tally::ask(kind).to_owned())))?;
    match tally.findings.as_slice() {
        [] => writeln!(
            out,
            "\nThe ledger balances: every promise ended in one state with a reason, nobody fell out."
        )?,
        findings => lines(out, findings.iter().map(|f| (1, f.clone())))?,
    }
    writeln!(
        out,
        "\nWhere to look\n  letters   {}   (one folder a month; any mail program opens .eml)",
        report.letters.display()
    )?;
    writeln!(out, "  database  {}", report.database.display())
}

/// Counts with what they count, the largest first.
///
/// # Errors
/// The writer's.
pub(super) fn lines(out: &mut dyn Write, rows: impl Iterator<Item = (u64, String)>) -> std::io::Result<()> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    rows.iter().try_for_each(|(n, what)| writeln!(out, "  {n:>6}  {what}"))
}

impl From<DemoFault> for Failure {
    fn from(fault: DemoFault) -> Self {
        match fault {
            DemoFault::Io(fault) => fault.into(),
            DemoFault::Engine(fault) => fault.into(),
            DemoFault::Step(fault) => Self::failed(fault.to_string()).hint(fault.hint()),
        }
    }
}
