//! The commands. One file each: its arguments, its `run`, its words. Results go to stdout, talk goes to stderr.

pub mod exit;
pub mod context;
pub mod run_as;
pub mod table;
mod sign_in;
pub mod packaging;
pub mod records;
pub mod work;
pub mod operate;

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use self::context::{Context, Globals};
use self::exit::{Exit, Failure};

/// Follow-up reminders and spine-warning checklists for cervical cancer survivors
///
/// Keeps every patient's follow-up plan, writes to her at the right local hour for years, and makes sure that a person at
/// the clinic acts when an answer or a silence is worrying.
#[derive(Debug, Parser)]
#[command(name = "aftercare", version, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  aftercare demo                 the whole product, nothing to configure\n  \
    aftercare init /etc/aftercare  a complete configuration to start from\n  aftercare check                every fault at once\n\n\
    Exit codes: 0 ok, 1 failed, 64 usage, 65 bad input, 69 unavailable, 75 try later, 78 bad configuration"
)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(crate::cli::operate::demo::DemoArgs),
    Init(crate::cli::operate::init::InitArgs),
    Check(crate::cli::operate::check::CheckArgs),
    Serve(crate::cli::operate::serve::ServeArgs),
    Drain(crate::cli::operate::drain::DrainArgs),
    Plan(crate::cli::records::plan::PlanArgs),
    Checklist(crate::cli::work::checklist::ChecklistArgs),
    Rehearse(crate::cli::operate::rehearse::RehearseArgs),
    Import(crate::cli::records::import::ImportArgs),
    Patient(crate::cli::records::patient::PatientArgs),
    Visit(crate::cli::records::visit::VisitArgs),
    Ledger(crate::cli::work::ledger::LedgerArgs),
    Letters(crate::cli::work::letters::LettersArgs),
    Alerts(crate::cli::work::alerts::AlertsArgs),
    Tasks(crate::cli::work::tasks::TasksArgs),
    Staff(crate::cli::work::staff::StaffArgs),
    SendTest(crate::cli::operate::send_test::SendTestArgs),
    Replay(crate::cli::work::replay::ReplayArgs),
    Bounce(crate::cli::operate::bounce::BounceArgs),
    Backup(crate::cli::operate::backup::BackupArgs),
    Restore(crate::cli::operate::restore::RestoreArgs),
    Key(crate::cli::operate::key::KeyArgs),
    Doctor(crate::cli::operate::doctor::DoctorArgs),
    Audit(crate::cli::work::audit::AuditArgs),
    Export(crate::cli::records::export::ExportArgs),
    Report(crate::cli::work::report::ReportArgs),
    #[command(hide = true)]
    Man(crate::cli::packaging::Man),
    #[command(hide = true)]
    Completions(crate::cli::packaging::Completions),
}

impl Command {
    fn run(&self, ctx: &Context) -> Result<(), Failure> {
        match self {
            Self::Demo(args) => crate::cli::operate::demo::run(args, ctx),
            Self::Init(args) => crate::cli::operate::init::run(args, ctx),
            Self::Check(args) => crate::cli::operate::check::run(args, ctx),
            Self::Serve(args) => crate::cli::operate::serve::run(args, ctx),
            Self::Drain(args) => crate::cli::operate::drain::run(args, ctx),
            Self::Checklist(args) => crate::cli::work::checklist::show(args, ctx),
            Self::Plan(args) => crate::cli::records::plan::show(args, ctx),
            Self::Rehearse(args) => crate::cli::operate::rehearse::run(args, ctx),
            Self::Import(args) => crate::cli::records::import::run(args, ctx),
            Self::Patient(args) => crate::cli::records::patient::run(args, ctx),
            Self::Visit(args) => crate::cli::records::visit::run(args, ctx),
            Self::Ledger(args) => crate::cli::work::ledger::run(args, ctx),
            Self::Letters(args) => crate::cli::work::letters::run(args, ctx),
            Self::Alerts(args) => crate::cli::work::alerts::run(args, ctx),
            Self::Tasks(args) => crate::cli::work::tasks::run(args, ctx),
            Self::Staff(args) => crate::cli::work::staff::run(args, ctx),
            Self::SendTest(args) => crate::cli::operate::send_test::run(args, ctx),
            Self::Replay(args) => crate::cli::work::replay::run(args, ctx),
            Self::Bounce(args) => crate::cli::operate::bounce::run(args, ctx),
            Self::Backup(args) => crate::cli::operate::backup::run(args, ctx),
            Self::Restore(args) => crate::cli::operate::restore::run(args, ctx),
            Self::Key(args) => crate::cli::operate::key::run(args, ctx),
            Self::Doctor(args) => crate::cli::operate::doctor::run(args, ctx),
            Self::Audit(args) => crate::cli::work::audit::run(args, ctx),
            Self::Export(args) => crate::cli::records::export::run(args, ctx),
            Self::Report(args) => crate::cli::work::report::run(args, ctx),
            Self::Man(args) => crate::cli::packaging::man(args, tree()),
            Self::Completions(args) => crate::cli::packaging::completions(args, tree()),
        }
    }
}

/// Reads the command line, runs the command, tells how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misread(&error).into(),
    };
    let ctx = Context::new(cli.globals);
    let told = if ctx.json { ExitReport::Json } else { ExitReport::Words };
    let end = cli.command.run(&ctx).map_or_else(|failure| ended(&failure, told), |()| Exit::Ok);
    ctx.tell_unread();
    end.into()
}

/// The whole tree of commands, for manual pages, completions and tests.
#[must_use]
pub fn tree() -> clap::Command {
    Cli::command()
}

/// `--help` and `--version` are answers; everything else is a wrong command line.
fn misread(error: &clap::Error) -> Exit {
    let answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let json = std::env::args_os().any(|arg| arg == "--json");
    if json && !answer {
        return ended(&usage(&error.render().to_string()), ExitReport::Json);
    }
    // A closed terminal is no reason for another code.
    drop(error.print());
    if answer { Exit::Ok } else { Exit::Usage }
}

/// What is wrong with the command line; how it should read is the hint.
fn usage(told: &str) -> Failure {
    let how =
        ["Usage:", "For more information"].iter().filter_map(|word| told.find(&format!("\n{word}"))).min();
    let (wrong, how) = told.split_at(how.unwrap_or(told.len()));
    let wrong = wrong.trim().trim_start_matches("error: ");
    Failure::new(Exit::Usage, wrong).hint(if how.is_empty() { "see `aftercare help`" } else { how.trim() })
}

/// How an end is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExitReport {
    Words,
    Json,
}

fn ended(failure: &Failure, told: ExitReport) -> Exit {
    if failure.exit == Exit::Ok {
        return Exit::Ok;
    }
    // There is nobody left to tell when even this cannot be written.
    drop(failure.tell(&mut std::io::stderr().lock()));
    if told == ExitReport::Json {
        drop(writeln!(std::io::stdout().lock(), "{:#}", failure.json()));
    }
    failure.exit
}
