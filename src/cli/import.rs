//! `aftercare import`: patients and enrolments from a CSV file.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Take patients and their enrolments in from a CSV file
///
/// Columns: reference, preferred_name, birth_date, email, language, time_zone, protocol, anchor_on; optional: status,
/// detail, shared_inbox, next_visit_at, place. Every faulty row is reported; nothing is taken in unless all rows are
/// sound, or --partial is given. Running it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare import patients.csv --dry-run")]
pub struct Args {
    /// The file: UTF-8, with a header line.
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// Say what would happen, change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Take the sound rows in although others are faulty.
    #[arg(long)]
    pub partial: bool,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
