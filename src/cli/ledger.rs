//! `aftercare ledger`: every letter and what became of it.

use jiff::civil::Date;

use super::context::Context;
use super::exit::Failure;
use crate::care::delivery::State;

/// Show every letter and what became of it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare ledger --patient R-1042 --since 2027-01-01")]
pub struct Args {
    /// Only this patient's.
    #[arg(long, value_name = "REF")]
    pub patient: Option<String>,
    /// Only letters in this state.
    #[arg(long, value_name = "S", value_parser = state)]
    pub state: Option<State>,
    /// Only letters due on or after this day (UTC).
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}

fn state(word: &str) -> Result<State, String> {
    let known = || State::ALL.map(State::word).join(", ");
    State::parse(word).ok_or_else(|| format!("no such state; known are {}", known()))
}
