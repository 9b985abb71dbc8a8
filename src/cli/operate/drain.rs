//! `aftercare drain`: one pass in the foreground.

use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::run_as;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::assembly::open_secrets;
use crate::daemon::lock::Lock;
use crate::daemon::pass::{Passed, once};
use crate::journey::errors::step::StepError;
use crate::journey::operations::unreadable_rows;
use crate::store::database::OpenMode;

/// Do everything that is due now, once, and exit
///
/// Everything due falls due, is delivered and recorded, alerts climb their ladder, and signed calls are made. Exits with
/// 75 while a daemon works on the same database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare drain --json")]
pub struct DrainArgs {}

/// The contract of `drain --json`.
#[derive(Debug, Serialize)]
struct DrainSummary {
    due: u32,
    sent: u32,
    retry: u32,
    failed: u32,
    skipped: u32,
    lapsed: u32,
    unknown: usize,
    elapsed_ms: f64,
}

impl DrainSummary {
    /// What the pass came to. Letters are skipped at more places than the last look, e.g. when what one says travels with another:
    /// of those the audit tells, so that the sums of all drains are those of the ledger (P1).
    fn of(passed: Passed, skipped: u32) -> Self {
        let Passed { fallen, delivered, recovered, elapsed, notices: _ } = passed;
        Self {
            due: fallen.due,
            sent: delivered.sent,
            retry: delivered.retry,
            failed: delivered.failed,
            skipped,
            lapsed: fallen.lapsed + delivered.lapsed,
            unknown: recovered + usize::try_from(delivered.unknown).unwrap_or(usize::MAX),
            elapsed_ms: (elapsed.as_secs_f64() * 1e6).round() / 1e3,
        }
    }
}

/// One pass; told to stop, it finishes the letters in hand and takes no other.
async fn one(engine: &Engine) -> Result<Passed, Failure> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut work = std::pin::pin!(once(engine));
    let passed = tokio::select! {
        passed = &mut work => passed,
        _ = term.recv() => stopped(engine, work).await,
        _ = int.recv() => stopped(engine, work).await,
    };
    Ok(passed?)
}

async fn stopped(
    engine: &Engine,
    work: impl Future<Output = Result<Passed, StepError>>,
) -> Result<Passed, StepError> {
    engine.post.stop.cancel();
    work.await
}

/// Holds the lock of the database, does one pass, and shows what it came to.
///
/// # Errors
/// [`Failure`]: 75 when a daemon has the database, 78 when the configuration is faulty.
pub fn run(_args: &DrainArgs, ctx: &Context) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?.clone(), ctx.sources()?);
    run_as::take_on(&config.database.path)?;
    ctx.start_logs();
    let lock = Lock::take(&config.database.path)?;
    let store = ctx.store_under(&lock, OpenMode::Existing)?;
    open_secrets::tell(&config);
    let engine = Engine::open(&store, config, &sources, &ctx.world())?;
    let runtime = ctx.runtime()?;
    let before = store.read(|view| view.audit_size())?;
    let passed = runtime.block_on(one(&engine))?;
    // Where no daemon runs, nobody else looks.
    runtime.block_on(unreadable_rows::look_once_a_day(&engine.clinic, engine.post.clock.now()))?;
    let skipped = store.read(|view| view.skipped_since(before))?;
    let (counts, held) = (DrainSummary::of(passed, skipped), store.read(|view| view.is_held())?);
    ctx.show(&counts, |out| {
        if held {
            writeln!(out, "{}", super::doctor::HELD)?;
        }
        writeln!(out, "{} promises fell due", counts.due)?;
        writeln!(
            out,
            "{} letters sent, {} to try again, {} failed",
            counts.sent, counts.retry, counts.failed
        )?;
        writeln!(
            out,
            "{} skipped, {} lapsed, {} of unknown fate",
            counts.skipped, counts.lapsed, counts.unknown
        )
    })
}
