//! The commands. One file each: its arguments, its `run`, its words. Results go to stdout, talk goes to stderr.

pub mod exit;
pub mod context;
pub mod run_as;
mod named_file;
pub mod table;
mod sign_in;
pub mod packaging;
mod config_page;
mod database_access;
mod database_key;
pub mod records;
pub mod work;
pub mod operate;

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use self::context::{Context, Globals};
use self::exit::{Exit, Failure};
use crate::cli::operate::check::{self, CheckArgs};
use crate::cli::operate::database::backup::{self, BackupArgs};
use crate::cli::operate::database::encryption::{self, DatabaseArgs};
use crate::cli::operate::database::key::{self, KeyArgs};
use crate::cli::operate::database::restore::{self, RestoreArgs};
use crate::cli::operate::demo::{self, DemoArgs};
use crate::cli::operate::doctor::{self, DoctorArgs};
use crate::cli::operate::drain::{self, DrainArgs};
use crate::cli::operate::init::{self, InitArgs};
use crate::cli::operate::letter_stop::{self, StartArgs, StopArgs};
use crate::cli::operate::mail::bounce::{self, BounceArgs};
use crate::cli::operate::mail::dkim::{self, DkimArgs};
use crate::cli::operate::mail::send_test::{self, SendTestArgs};
use crate::cli::operate::rehearse::{self, RehearseArgs};
use crate::cli::operate::reload::{self, ReloadArgs};
use crate::cli::operate::serve::{self, ServeArgs};
use crate::cli::operate::start_list::{self, StartListArgs};
use crate::cli::operate::status::{self, StatusArgs};
use crate::cli::packaging::{Completions, Man};
use crate::cli::records::export::{self, ExportArgs};
use crate::cli::records::import::{self, ImportArgs};
use crate::cli::records::imports::{self, ImportsArgs};
use crate::cli::records::patient::{self, PatientArgs, toml_file};
use crate::cli::records::plan::{self, PlanArgs};
use crate::cli::records::settings::{self, SettingsArgs};
use crate::cli::records::visit::{self, VisitArgs};
use crate::cli::work::alerts::{self, AlertsArgs};
use crate::cli::work::audit::{self, AuditArgs};
use crate::cli::work::checklist::{self, ChecklistArgs};
use crate::cli::work::ledger::{self, LedgerArgs};
use crate::cli::work::letters::{self, LettersArgs};
use crate::cli::work::protocol::args::ProtocolArgs;
use crate::cli::work::replay::{self, ReplayArgs};
use crate::cli::work::report::{self, ReportArgs};
use crate::cli::work::staff::args::StaffArgs;
use crate::cli::work::tasks::{self, TasksArgs};
use crate::cli::work::{protocol, staff};

/// Follow-up reminders and spine-warning checklists for cervical cancer survivors
///
/// Keeps every patient's follow-up plan, writes to her at the right local hour for years, and makes sure that a person at
/// the clinic acts when an answer or a silence is worrying.
#[derive(Debug, Parser)]
#[command(name = "aftercare", version, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  aftercare demo                 the whole product, nothing to configure\n  \
    aftercare init /etc/aftercare  a complete configuration to start from\n  aftercare check                every fault at once\n\n\
    Exit codes: 0 ok, 1 failed, 2 something is wrong (status), 64 usage, 65 bad input, 69 unavailable, 75 try later, 78 bad configuration"
)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(DemoArgs),
    Init(InitArgs),
    Check(CheckArgs),
    Serve(ServeArgs),
    Reload(ReloadArgs),
    Drain(DrainArgs),
    Plan(PlanArgs),
    Protocol(ProtocolArgs),
    Checklist(ChecklistArgs),
    Rehearse(RehearseArgs),
    Import(ImportArgs),
    /// Imports: list, show who of one could go, undo
    Imports(ImportsArgs),
    Patient(Box<PatientArgs>),
    Visit(VisitArgs),
    Ledger(LedgerArgs),
    Letters(LettersArgs),
    Stop(StopArgs),
    Start(StartArgs),
    Alerts(AlertsArgs),
    Tasks(TasksArgs),
    Settings(SettingsArgs),
    Staff(StaffArgs),
    SendTest(SendTestArgs),
    Replay(ReplayArgs),
    Bounce(BounceArgs),
    Dkim(DkimArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Key(KeyArgs),
    Status(StatusArgs),
    Database(DatabaseArgs),
    Doctor(DoctorArgs),
    StartList(StartListArgs),
    Audit(AuditArgs),
    Export(ExportArgs),
    Report(ReportArgs),
    #[command(hide = true)]
    Man(Man),
    #[command(hide = true)]
    Completions(Completions),
}

impl Command {
    fn run(&self, ctx: &Context) -> Result<(), Failure> {
        match self {
            Self::Demo(args) => demo::run(args, ctx),
            Self::Init(args) => init::run(args, ctx),
            Self::Check(args) => check::run(args, ctx),
            Self::Serve(args) => serve::run(args, ctx),
            Self::Reload(args) => reload::run(args, ctx),
            Self::Drain(args) => drain::run(args, ctx),
            Self::Checklist(args) => checklist::run(args, ctx),
            Self::Plan(args) => plan::show(args, ctx),
            Self::Protocol(args) => protocol::run(args, ctx),
            Self::Rehearse(args) => rehearse::run(args, ctx),
            Self::Import(args) => import::run(args, ctx),
            Self::Imports(args) => imports::run(args, ctx),
            Self::Patient(args) => patient::run(args, ctx),
            Self::Visit(args) => visit::run(args, ctx),
            Self::Ledger(args) => ledger::run(args, ctx),
            Self::Letters(args) => letters::run(args, ctx),
            Self::Stop(args) => letter_stop::stop(args, ctx),
            Self::Start(args) => letter_stop::start(args, ctx),
            Self::Alerts(args) => alerts::run(args, ctx),
            Self::Tasks(args) => tasks::run(args, ctx),
            Self::Settings(args) => settings::run(args, ctx),
            Self::Staff(args) => staff::run(args, ctx),
            Self::SendTest(args) => send_test::run(args, ctx),
            Self::Replay(args) => replay::run(args, ctx),
            Self::Bounce(args) => bounce::run(args, ctx),
            Self::Dkim(args) => dkim::run(args, ctx),
            Self::Backup(args) => backup::run(args, ctx),
            Self::Restore(args) => restore::run(args, ctx),
            Self::Key(args) => key::run(args, ctx),
            Self::Status(args) => status::run(args, ctx),
            Self::Database(args) => encryption::run(args, ctx),
            Self::Doctor(args) => doctor::run(args, ctx),
            Self::StartList(args) => start_list::run(args, ctx),
            Self::Audit(args) => audit::run(args, ctx),
            Self::Export(args) => export::run(args, ctx),
            Self::Report(args) => report::run(args, ctx),
            Self::Man(args) => crate::cli::packaging::man(args, tree()),
            Self::Completions(args) => crate::cli::packaging::completions(args, tree()),
        }
    }
}

/// Reads the command line, runs the command, tells how it ended.
#[must_use]
pub fn main() -> ExitCode {
    let line = match toml_file::widened(std::env::args_os().collect(), &tree()) {
        Ok(line) => line,
        Err(failure) => return ended(&failure, typed_report()).into(),
    };
    let cli = match Cli::try_parse_from(line) {
        Ok(cli) => cli,
        Err(error) => return misread(&error).into(),
    };
    let ctx = Context::new(cli.globals);
    let told = if ctx.json { ExitReport::Json } else { ExitReport::Words };
    let weighed = |failure| database_access::weighed(failure, &ctx.config_path);
    let end = cli.command.run(&ctx).map_or_else(|failure| ended(&weighed(failure), told), |()| Exit::Ok);
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
    if typed_report() == ExitReport::Json && !answer {
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

/// How an end is told where the command line was not understood.
fn typed_report() -> ExitReport {
    if std::env::args_os().any(|arg| arg == "--json") { ExitReport::Json } else { ExitReport::Words }
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
