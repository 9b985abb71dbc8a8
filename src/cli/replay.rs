//! `aftercare replay`: a sent letter, byte for byte.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Show a letter again, byte for byte as it was sent, or say why not
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare replay 1742 --out letter.eml")]
pub struct Args {
    /// The letter's number in the ledger.
    #[arg(value_name = "DELIVERY")]
    pub delivery: i64,
    /// Write it into this file instead of stdout.
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
