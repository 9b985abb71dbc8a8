//! `aftercare tasks`: what a person must do.

use super::context::Context;
use super::exit::Failure;

/// Tasks: list, done
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare tasks list")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List open tasks, most pressing first
    #[command(after_help = "Example:\n  aftercare tasks list --patient R-1042")]
    List(List),
    /// Record that a task is done
    #[command(after_help = "Example:\n  aftercare tasks done 7 --note 'called, new address noted'")]
    Done(Done),
}

/// List open tasks, most pressing first
#[derive(Debug, clap::Args)]
pub struct List {
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Only this patient's.
    #[arg(long, value_name = "REF")]
    pub patient: Option<String>,
}

/// Record that a task is done
#[derive(Debug, clap::Args)]
pub struct Done {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// What was done.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
