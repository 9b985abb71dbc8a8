//! `aftercare alerts`: what must end with a person (P6).

use super::context::Context;
use super::exit::Failure;

/// Alerts: list, acknowledge, close, test the ladder
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare alerts list")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// List open alerts, most pressing first
    #[command(after_help = "Example:\n  aftercare alerts list --all")]
    List(List),
    /// Take an alert on
    #[command(after_help = "Example:\n  aftercare alerts ack 12")]
    Ack(Ack),
    /// Close an alert with what was done
    #[command(after_help = "Example:\n  aftercare alerts close 12 --disposition seen-today")]
    Close(Close),
    /// Send a test alert down the ladder
    #[command(after_help = "Example:\n  aftercare alerts test")]
    Test,
}

/// List open alerts, most pressing first
#[derive(Debug, clap::Args)]
pub struct List {
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
}

/// Take an alert on
#[derive(Debug, clap::Args)]
pub struct Ack {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
}

/// Close an alert with what was done
#[derive(Debug, clap::Args)]
pub struct Close {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// What became of it.
    #[arg(long, value_name = "WORD")]
    pub disposition: String,
    /// Further words for the record.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
