//! `aftercare restore`: back to a copy.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Put a copy made by `backup` in the database's place
///
/// The copy is checked first, and the database that was there is kept beside it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare restore /var/backups/aftercare-2027-03-01.db")]
pub struct Args {
    /// The copy.
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
