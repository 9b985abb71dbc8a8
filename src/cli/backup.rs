//! `aftercare backup`: a copy of the running database.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Write a consistent copy of the database, while the daemon runs
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare backup /var/backups/aftercare-2027-03-01.db")]
pub struct Args {
    /// Where to; it must not exist yet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
