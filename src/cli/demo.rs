//! `aftercare demo`: the whole product on shipped defaults, alive.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Show the whole product at work, with nothing to configure
///
/// A made-up clinic and synthetic patients live two years forward under a simulated clock, through the code that
/// runs for real. Letters go into a spool; nothing leaves this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare demo --once --out /tmp/demo")]
pub struct Args {
    /// Run the story, print the summary and exit.
    #[arg(long)]
    pub once: bool,
    /// Where letters and the database go; a fresh directory of its own otherwise.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The story's seed; the same seed tells the same story.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
