//! `aftercare patient`: who is cared for.

mod add;
pub mod erasable;
pub mod erase;
mod export;
mod merge;
pub mod bone_spread;
pub mod contact;
pub mod toml_file;
pub mod proxy;
mod list;
mod plan;
mod set;
mod show;
pub mod args;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args::{
    PatientAddArgs, PatientListArgs, PatientPlanArgs, PatientSetArgs, PatientShowArgs,
};
use crate::cli::records::patient::bone_spread::BoneSpreadArgs;
use crate::cli::records::patient::erasable::PatientErasableArgs;
use crate::cli::records::patient::erase::PatientEraseArgs;
use crate::cli::records::patient::export::PatientExportArgs;
use crate::cli::records::patient::merge::PatientMergeArgs;

/// Patients: add, show, list, change, and see their plan
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare patient list --status paused")]
pub struct PatientArgs {
    /// The command after `patient`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: PatientCommand,
}

/// What can be done with patients; `show`, `list` and `plan` change nothing.
#[derive(Debug, clap::Subcommand)]
pub enum PatientCommand {
    /// Take one patient in
    #[command(
        after_help = "Examples:\n  aftercare patient add R-1042 --from her.toml\n  aftercare patient add R-1042 --name Ana --birth-date 1980-05-17 --email ana@mail.example --protocol nccn --anchor 2027-01-31"
    )]
    Add(PatientAddArgs),
    /// Show one patient and what is open for her
    #[command(after_help = "Example:\n  aftercare patient show R-1042")]
    Show(PatientShowArgs),
    /// List patients, all or a group of them
    #[command(
        after_help = "Examples:\n  aftercare patient list --status active\n  aftercare patient list --group silent --protocol sgo2017-high\n  aftercare patient list --find < caller.txt"
    )]
    List(PatientListArgs),
    /// Change what is recorded of a patient
    #[command(
        after_help = "Examples:\n  aftercare patient set R-1042 --from - < her.toml\n  aftercare patient set R-1042 --status deceased --reason 'family called'"
    )]
    Set(PatientSetArgs),
    /// Show the past and future of one patient
    #[command(after_help = "Example:\n  aftercare patient plan R-1042 --until 2029-12-31")]
    Plan(PatientPlanArgs),
    /// Make two records of one woman one; without --yes, show what it would come to
    #[command(
        after_help = "Examples:\n  aftercare patient merge R-1042 R-2077\n  aftercare patient merge R-1042 R-2077 --yes"
    )]
    Merge(PatientMergeArgs),
    /// Write everything that is kept about one patient; the audit notes it
    #[command(after_help = "Example:\n  aftercare patient export R-1042 --why asked --out record.json")]
    Export(PatientExportArgs),
    /// Erase a record whose time is over: one asks, another agrees; without a step, show what would go
    #[command(
        after_help = "Examples:\n  aftercare patient erase R-1042\n  aftercare patient erase R-1042 --ask --as lena\n  aftercare patient erase R-1042 --agree R-1042 --as adam"
    )]
    Erase(PatientEraseArgs),
    /// List records whose time is over
    #[command(after_help = "Example:\n  aftercare patient erasable")]
    Erasable(PatientErasableArgs),
    /// Note known bone spread, withdraw the note, or show what a note would change
    #[command(
        after_help = "Example:\n  aftercare patient bone-spread R-1042 --withdraw --reason 'another record was meant' --as dana"
    )]
    BoneSpread(BoneSpreadArgs),
}

/// Carries out the command; one that changes something wakes the daemon.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &PatientArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        PatientCommand::Add(args) => add::run(args, ctx),
        PatientCommand::Show(args) => show::run(args, ctx),
        PatientCommand::List(args) => list::run(args, ctx),
        PatientCommand::Set(args) => set::run(args, ctx),
        PatientCommand::Plan(args) => plan::run(args, ctx),
        PatientCommand::Merge(args) => merge::run(args, ctx),
        PatientCommand::Export(args) => export::run(args, ctx),
        PatientCommand::Erase(args) => erase::run(args, ctx),
        PatientCommand::Erasable(args) => erasable::run(args, ctx),
        PatientCommand::BoneSpread(args) => bone_spread::run(args, ctx),
    }
}
