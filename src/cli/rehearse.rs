//! `aftercare rehearse`: the future, lived in a copy.

use std::path::PathBuf;

use jiff::civil::Date;

use super::context::Context;
use super::exit::Failure;

/// Live a copy of the database forward and keep every letter it would send
///
/// A simulated clock, a spool and a copy: neither the mail server nor the database is touched. What you see is what
/// will be sent.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare rehearse --until 2028-06-30 --out /tmp/rehearsal")]
pub struct Args {
    /// The last day to live through.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// A new or empty directory for the letters (.eml) and the ledger (CSV).
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
