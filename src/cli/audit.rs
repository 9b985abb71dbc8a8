//! `aftercare audit`: the chain of events (P12).

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// The audit: verify its chain, export it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare audit verify")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Recompute the chain and name the first event that does not fit
    #[command(after_help = "Example:\n  aftercare audit verify")]
    Verify,
    /// Write every event, one JSON object a line
    #[command(after_help = "Example:\n  aftercare audit export --out audit.jsonl")]
    Export(Export),
}

/// Write every event, one JSON object a line
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
