//! `aftercare doctor`: is the house in order?

use super::context::Context;
use super::exit::Failure;

/// Prove that the ledger balances, nobody fell out, and the database is sound
///
/// Lists every patient who has neither a next contact nor an open task: the list is empty when all is well.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare doctor --json")]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
