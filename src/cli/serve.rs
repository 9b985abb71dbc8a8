//! `aftercare serve`: the daemon.

use super::context::Context;
use super::exit::Failure;

/// Run the daemon
///
/// Keeps every promise of every plan until it is told to stop: SIGTERM finishes the letters in hand, SIGHUP reads
/// configuration and protocols again and keeps the old ones if the new are faulty.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare serve --config /etc/aftercare/aftercare.toml --log json")]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
