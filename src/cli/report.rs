//! `aftercare report`: figures for a stretch of time.

use jiff::civil::Date;

use super::context::Context;
use super::exit::Failure;

/// Sum up a stretch of time: letters, answers, alerts and how fast people acted
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare report --since 2027-01-01 --until 2027-03-31")]
pub struct Args {
    /// First day.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
