//! `aftercare staff`: console accounts.

use super::context::Context;
use super::exit::Failure;

/// Console accounts: add, list, disable, reset
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare staff add maria --role nurse")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Open an account; prints a one-time password
    #[command(after_help = "Example:\n  aftercare staff add maria --role nurse")]
    Add(Add),
    /// List the accounts
    #[command(after_help = "Example:\n  aftercare staff list")]
    List,
    /// Close an account and end its sessions
    #[command(after_help = "Example:\n  aftercare staff disable maria")]
    Disable(Disable),
    /// Give an account a new one-time password and second factor
    #[command(after_help = "Example:\n  aftercare staff reset maria")]
    Reset(Reset),
}

/// Open an account; prints a one-time password
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What the person may do.
    #[arg(long, value_name = "ROLE")]
    pub role: String,
}

/// Close an account and end its sessions
#[derive(Debug, clap::Args)]
pub struct Disable {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Give an account a new one-time password and second factor
#[derive(Debug, clap::Args)]
pub struct Reset {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
