//! `aftercare drain`: one pass in the foreground.

use super::context::Context;
use super::exit::Failure;

/// Do everything that is due now, once, and exit
///
/// Everything due falls due, is delivered and recorded, and alerts climb their ladder. Exits with 75 while a daemon
/// works on the same database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare drain --json")]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
