//! `aftercare demo`: the whole product on shipped defaults, alive.

use std::fs::{DirBuilder, File};
use std::io::{IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use nix::unistd::{AccessFlags, access};
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::clock::SystemClock;
use crate::config::sections::web::Web;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::demo::folder::{Cleanup, DemoFault, DemoFolder, PASSWORD, STAFF};
use crate::daemon::demo::live::{self, DemoPages, VisitFault};
use crate::daemon::demo::{self, summary};
use crate::daemon::listeners::Listeners;
use crate::daemon::lock;
use crate::journey::operations::accounts;
use crate::ports::Clock;

/// Where the demo's pages stand if nothing else does.
const PUBLIC: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8480);
const CONSOLE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8481);

/// Show the whole product at work, with nothing to configure
///
/// A made-up clinic and synthetic patients live two years forward under a simulated clock, through the code that
/// runs for real. Letters go into a spool; nothing leaves this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare demo --once --out /tmp/demo")]
pub struct DemoArgs {
    /// Run the story, print the summary and exit.
    #[arg(long)]
    pub once: bool,
    /// Where letters, database and configuration go, to stay; otherwise a fresh directory that is removed at the end.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Leave the fresh directory, to look around in it.
    #[arg(long)]
    pub keep: bool,
    /// The story's seed; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Serialize)]
struct DemoReport {
    from: String,
    until: String,
    letters: PathBuf,
    database: PathBuf,
    config: PathBuf,
    folder: FolderFate,
    #[serde(flatten)]
    tally: summary::DemoSummary,
}

/// What becomes of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum FolderFate {
    /// It stays, since `--keep` or `--out` was given.
    Kept,
    /// It is removed when the demo is left.
    RemovedAtTheEnd,
    /// It is removed as soon as the summary is printed.
    Removed,
}

impl FolderFate {
    const fn of(args: &DemoArgs) -> Self {
        match (args.keep || args.out.is_some(), args.once) {
            (true, _) => Self::Kept,
            (false, false) => Self::RemovedAtTheEnd,
            (false, true) => Self::Removed,
        }
    }
}

/// Plays two years, shows the summary and, without `--once`, serves the pages until stopped.
///
/// # Errors
/// [`Failure`]: 65 when `--out` is not empty, 1 when it is stopped before the summary.
pub fn run(args: &DemoArgs, ctx: &Context) -> Result<(), Failure> {
    let (directory, fate) = (directory(args)?, FolderFate::of(args));
    // Goes out of scope last, when nothing writes there any more.
    let _cleanup = (fate != FolderFate::Kept).then(|| Cleanup::of(directory.clone()));
    let runtime = ctx.runtime()?;
    let shown = show(args, ctx, &runtime, directory);
    // However it ended, no thread at work keeps the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    shown
}

fn show(args: &DemoArgs, ctx: &Context, runtime: &Runtime, directory: PathBuf) -> Result<(), Failure> {
    let listeners =
        if args.once { None } else { Some(runtime.block_on(Listeners::anywhere(PUBLIC, CONSOLE))?) };
    let at = listeners.as_ref().map(|d| Ok((d.public.local_addr()?, d.console.local_addr()?)));
    let at = at.transpose().map_err(|fault: std::io::Error| Failure::from(fault))?;
    let place = DemoFolder { directory, seed: args.seed, until: SystemClock.now(), listeners: at };
    ctx.say("A clinic with 36 made-up patients lives two years. This takes a moment.");
    let (engine, secret) = runtime.block_on(play(&place))?;
    let report = report(&place, &engine, FolderFate::of(args))?;
    ctx.show(&report, |out| words(&report, out))?;
    let Some(listeners) = listeners else { return Ok(()) };
    let sights = runtime.block_on(live::sights(&engine, SystemClock.now()))?;
    ctx.say(&tour(&engine.config.web, &sights, &secret));
    codes(secret);
    Ok(runtime.block_on(live::serve(&place, &engine, listeners))?)
}

/// Plays the story under a bar, unless somebody stops it.
async fn play(place: &DemoFolder) -> Result<(Engine, String), Failure> {
    let bar = bar(730, "two years");
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let played = tokio::select! {
        played = demo::play(place, |days| bar.set_position(days)) => played.map_err(Failure::from),
        _ = term.recv() => Err(Failure::failed("stopped before the two years were over")),
        _ = int.recv() => Err(Failure::failed("stopped before the two years were over")),
    };
    bar.finish_and_clear();
    played
}

fn report(place: &DemoFolder, engine: &Engine, folder: FolderFate) -> Result<DemoReport, Failure> {
    Ok(DemoReport {
        from: day(demo::beginning(place.until, &engine.config)?),
        until: day(place.until),
        letters: place.letters(),
        database: place.database(),
        config: place.config(),
        folder,
        tally: engine.clinic.store.read(summary::tally)?,
    })
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Where to go and how to get in.
fn tour(web: &Web, sights: &DemoPages, secret: &str) -> String {
    let code = accounts::shown_code(secret, SystemClock.now()).unwrap_or_default();
    let shown = |sight: &Option<String>| sight.clone().unwrap_or_else(|| "none just now".to_owned());
    format!(
        "\nThe clinic goes on by the real clock until you press Ctrl-C. On this machine only; everybody is made up; the rules \
         run under a sample signature.\n  \
         staff     http://{}\n  \
         sign in   name {}, password `{}`, code {code} (press Enter here for a fresh one)\n  \
         secret    {secret}   (for an authenticator app)\n  \
         an alert  {}\n  \
         a form    {}\n  \
         patients  http://{}/help",
        web.console_listen,
        STAFF,
        PASSWORD,
        shown(&sights.alert),
        shown(&sights.form),
        web.listen,
    )
}

/// Says a fresh code for every line that is entered; a visitor has no authenticator at hand.
fn codes(secret: String) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let code = accounts::shown_code(&secret, SystemClock.now());
            let (Ok(_), Some(code)) = (line, code) else { return };
            if writeln!(std::io::stderr().lock(), "  code      {code}").is_err() {
                return;
            }
        }
    });
}

fn directory(args: &DemoArgs) -> Result<PathBuf, Failure> {
    let directory = args
        .out
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("aftercare-demo-{}", std::process::id())));
    empty(&directory).map(drop)?;
    Ok(directory)
}

/// Makes a directory of its owner's alone; one that is there must be empty. No other process is let in while what it gives back
/// is held.
///
/// # Errors
/// 65 when it is not, or cannot be made; 75 while another process writes there.
pub(in crate::cli) fn empty(directory: &Path) -> Result<File, Failure> {
    const HINT: &str = "give --out a directory that does not exist yet, where you may write";
    let refused = |error| Failure::unwritable(directory, &error, HINT);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(refused)?;
    let turn = File::open(directory).map_err(refused)?;
    if !lock::is_alone(&turn) {
        let error = format!("another aftercare writes into `{}`", directory.display());
        return Err(
            Failure::try_later(error).hint("try again when it is done, or give --out another directory")
        );
    }
    if std::fs::read_dir(directory).map_err(refused)?.next().is_some() {
        let error = format!("`{}` is not empty", directory.display());
        return Err(Failure::bad_input(error).hint("give --out a directory that does not exist yet"));
    }
    access(directory, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|error| refused(error.into()))?;
    Ok(turn)
}

/// A bar over so many days, on a terminal only.
pub(in crate::cli) fn bar(days: u64, of: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {percent} % of {msg}").unwrap_or(ProgressStyle::default_bar());
    ProgressBar::new(days).with_style(style).with_message(of.to_owned())
}

fn words(report: &DemoReport, out: &mut dyn Write) -> std::io::Result<()> {
    let tally = &report.tally;
    writeln!(out, "Two years at a made-up clinic, until {}", report.until)?;
    writeln!(out, "\n{} patients", tally.patients.values().sum::<u64>())?;
    lines(out, tally.patients.iter().map(|(status, n)| (*n, status.replace('_', " "))))?;
    writeln!(out, "\n{} letters sent. One letter may keep several promises:", tally.sent)?;
    lines(out, tally.sent_by_step.iter().map(|(step, n)| (*n, summary::about(step).to_owned())))?;
    writeln!(out, "\nLetters that did not leave, and why")?;
    lines(out, tally.not_sent.iter().map(|(why, n)| (*n, why.clone())))?;
    writeln!(out, "\nTasks opened for a person ({} still open)", tally.tasks_open)?;
    lines(out, tally.tasks.iter().map(|(kind, n)| (*n, summary::ask(kind).to_owned())))?;
    writeln!(
        out,
        "\n{} of {} checklists answered. What rang, until a person took it on:",
        tally.answered, tally.checklists
    )?;
    for rang in &tally.alerts {
        let (n, tier) = (rang.raised, &rang.tier);
        let minutes = |m: Option<i64>| m.map_or_else(|| "-".to_owned(), |m| m.to_string());
        let (half, slowest) = (minutes(rang.median_minutes), minutes(rang.slowest_minutes));
        writeln!(
            out,
            "  {n:>6}  {tier}: {} taken on, half within {half} minutes, the slowest after {slowest}",
            rang.taken_on
        )?;
    }
    match tally.findings.as_slice() {
        [] => writeln!(
            out,
            "\nThe ledger balances: every promise ended in one state with a reason, nobody fell out."
        )?,
        findings => lines(out, findings.iter().map(|f| (1, f.clone())))?,
    }
    places(report, out)
}

fn places(report: &DemoReport, out: &mut dyn Write) -> std::io::Result<()> {
    if report.folder == FolderFate::Removed {
        return writeln!(
            out,
            "\nLetters and database are removed now; `--keep` leaves them to look around in."
        );
    }
    writeln!(
        out,
        "\nWhere to look\n  letters   {}   (one folder a month; any mail program opens .eml)",
        report.letters.display()
    )?;
    writeln!(out, "  database  {}", report.database.display())?;
    writeln!(out, "  a patient {} --config {} patient show D-002", program(), quoted(&report.config))?;
    if report.folder == FolderFate::RemovedAtTheEnd {
        writeln!(out, "\nAll of this is removed when you leave; `--keep` leaves it.")?;
    }
    Ok(())
}

/// The program as it was called, so that a printed command works where it is read.
fn program() -> String {
    std::env::args_os().next().map_or_else(|| "aftercare".to_owned(), |name| quoted(Path::new(&name)))
}

/// A path as a shell reads it back.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// Counts with what they count, the largest first.
///
/// # Errors
/// The writer's.
pub(in crate::cli) fn lines(
    out: &mut dyn Write,
    rows: impl Iterator<Item = (u64, String)>,
) -> std::io::Result<()> {
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

impl From<VisitFault> for Failure {
    fn from(fault: VisitFault) -> Self {
        match fault {
            VisitFault::Demo(fault) => fault.into(),
            VisitFault::Serve(fault) => Self::unavailable(fault.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_path_is_one_word_to_a_shell() {
        assert_eq!(quoted(Path::new("/tmp/demo-1/a.toml")), "/tmp/demo-1/a.toml");
        assert_eq!(quoted(Path::new("/tmp/it's mine")), r"'/tmp/it'\''s mine'");
    }
}
