//! `aftercare export`: the clinic's records for other systems.

use std::path::PathBuf;

use super::context::Context;
use super::exit::Failure;

/// Records for other systems: FHIR, CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare export csv --out patients.csv")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Write FHIR R4 resources, one a line
    #[command(after_help = "Example:\n  aftercare export fhir --out aftercare.ndjson")]
    Fhir(Fhir),
    /// Write patients and enrolments as `import` reads them
    #[command(after_help = "Example:\n  aftercare export csv --out patients.csv")]
    Csv(Csv),
}

/// Write FHIR R4 resources, one a line
#[derive(Debug, clap::Args)]
pub struct Fhir {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Write patients and enrolments as `import` reads them
#[derive(Debug, clap::Args)]
pub struct Csv {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
