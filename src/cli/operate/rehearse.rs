//! `aftercare rehearse`: the future, lived in a copy or only counted.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::demo;
use crate::care::time::calendar::end_of_day;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::operate::database::owner_files;
use crate::cli::operate::rehearse::months::PlanMoveArg;
use crate::cli::operate::rehearse::report::{report, words};
use crate::cli::run_as;
use crate::clock::SystemClock;
use crate::daemon::backup::rehearsal_copy::{self, Copy};
use crate::daemon::rehearsal::{SimulatedClinic, live};
use crate::journey::errors::step::StepError;
use crate::journey::forecast::clinic_ahead::ForecastRequest;
use crate::ports::Clock;
use crate::store::db::encryption::paths;
use crate::store::db::transaction::Stamp;
use crate::store::work::monthly_load::LivedSpan;

mod months;
mod report;

/// Live a copy of the database forward and keep every letter it would send
///
/// A simulated clock, a spool and a copy: neither the mail server nor the database is touched. Nobody answers, books or
/// falls ill in a rehearsal, so it holds every reminder that silence would bring. Its report says for each month how many
/// letters leave, how many calls silence asks of staff and how many visits and tests are due.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare rehearse --until 2028-06-30 --out /tmp/rehearsal\n  aftercare rehearse --until 2036-12-31 --letters none\n  aftercare rehearse --until 2028-06-30 --letters none --move sgo2017-low=bgcs-pifu"
)]
pub struct RehearseArgs {
    /// The last day to live through.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// A new or empty directory for the letters (.eml) and the ledger (CSV); with `--letters none` only for `months.csv`.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Which letters are written: none (only counted, within seconds), those of a few patients on each protocol, or all.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = LettersKept::All)]
    pub letters: LettersKept,
    /// Count also what moving everybody from one protocol to another would make of it; the same name twice moves them to
    /// the version that new patients are put on now.
    #[arg(long = "move", value_name = "FROM=TO", value_parser = months::plan_move)]
    pub change: Option<PlanMoveArg>,
}

/// Which letters a rehearsal writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LettersKept {
    /// None: what is to come is counted, not lived.
    None,
    /// Every letter of three patients on each protocol; what all together will be sent is counted.
    Sample,
    /// Every letter of everybody.
    All,
}

/// Lives a copy in `--out` forward to the last day or counts what is to come, and shows what would be sent.
///
/// # Errors
/// [`Failure`]: 64 without `--out` where letters are written, 65 when it is not empty or `--until` is past, 78 when there is
/// no database, 75 while another one writes there.
pub fn run(args: &RehearseArgs, ctx: &Context) -> Result<(), Failure> {
    if let Some(directory) = &args.out
        && let Some(done) = owner_files::filled(directory, ctx, |command| again(args, command))
    {
        return done;
    }
    let config = ctx.config()?;
    run_as::take_on(&config.database.path)?;
    let start = SystemClock.now();
    let here = &config.clinic.zone;
    let from = here.to_datetime(start).date();
    if args.until < from {
        let error = format!("`{}` is past: today is {from}", args.until);
        return Err(Failure::bad_input(error).hint("give --until a day to come"));
    }
    let request = ForecastRequest {
        from: start,
        until: end_of_day(args.until, here),
        change: args.change.as_ref().map(|change| months::read_move(change, ctx)).transpose()?,
    };
    match (args.letters, &args.out) {
        (LettersKept::None, out) => {
            let counted = months::count(&request, ctx)?;
            if let Some(directory) = out {
                let _turn = demo::empty(directory)?;
                months::csv(&counted, &directory.join("months.csv"))?;
            }
            ctx.show(&counted, |out| months::words(&counted, out))
        }
        (_, None) => Err(Failure::new(Exit::Usage, "letters are written, but nothing says where to")
            .hint("give --out a directory that does not exist yet, or count only with `--letters none`")),
        (which, Some(out)) if which == LettersKept::All && request.change.is_some() => {
            Err(Failure::new(Exit::Usage, "what a move would change is counted, not written").hint(format!(
                "use `--letters none` or `--letters sample` with --move; nothing was written to `{}`",
                out.display()
            )))
        }
        (which, Some(out)) => lived(which, out, &request, ctx),
    }
}

/// The same command line, but for the directory.
fn again(args: &RehearseArgs, command: &mut Command) {
    command.arg("rehearse").arg("--until").arg(args.until.to_string());
    if let Some(which) = args.letters.to_possible_value() {
        command.arg("--letters").arg(which.get_name());
    }
    if let Some(change) = &args.change {
        command.arg("--move").arg(change.to_string());
    }
}

/// Writes letters: everybody's, or those of a few on each protocol beside counts of all.
fn lived(
    which: LettersKept,
    directory: &Path,
    request: &ForecastRequest,
    ctx: &Context,
) -> Result<(), Failure> {
    let (config, sources) = (ctx.config()?, ctx.sources()?);
    let here = &config.clinic.zone;
    let day = |at: Timestamp| here.to_datetime(at).date();
    let (from, until) = (day(request.from), day(request.until).saturating_sub(1.day()));
    let _turn = demo::empty(directory)?;
    let counted = match which {
        LettersKept::Sample => Some(months::count(request, ctx)?),
        LettersKept::None | LettersKept::All => None,
    };
    let copy = rehearsal_copy::copy(config, &sources, directory, request.from)
        .map_err(|fault| cleared(directory, fault.into()))?;
    if which == LettersKept::Sample {
        let store = &copy.engine.clinic.store;
        store.write_blocking(Stamp::daemon(request.from), |tx| tx.keep_sample(PATIENTS_A_PROTOCOL))?;
    }
    play(&copy, request.until, ctx)?;
    let span = LivedSpan { since: request.from, from, until };
    let mut report = report(&copy, span, directory)?;
    if let Some(counted) = counted {
        report.months = counted.months;
        report.findings.clear();
    }
    ctx.show(&report, |out| words(&report, out))
}

/// How many patients on each protocol are lived forward in a sample.
const PATIENTS_A_PROTOCOL: u32 = 3;

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
