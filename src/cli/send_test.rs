//! `aftercare send-test`: a watermarked letter to try the way out.

use super::context::Context;
use super::exit::Failure;

/// Send one watermarked letter to an allow-listed address
///
/// Only addresses in `[test] allow` are written to; the letter says that it is a test.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare send-test test@clinic.example --letter book --language es")]
pub struct Args {
    /// Where to.
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// Which letter, e.g. `book` or `invite`.
    #[arg(long, value_name = "NAME")]
    pub letter: String,
    /// In which language; the clinic's first otherwise.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
