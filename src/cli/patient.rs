//! `aftercare patient`: who is cared for.

use jiff::civil::Date;

use super::context::Context;
use super::exit::Failure;

/// Patients: add, show, list, change, and see their plan
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare patient list --status paused")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Take one patient in
    #[command(
        after_help = "Example:\n  aftercare patient add R-1042 --name Ana --birth-date 1980-05-17 --email ana@mail.example --protocol nccn --anchor 2027-01-31"
    )]
    Add(Add),
    /// Show one patient and what is open for her
    #[command(after_help = "Example:\n  aftercare patient show R-1042")]
    Show(Show),
    /// List patients
    #[command(after_help = "Example:\n  aftercare patient list --status active")]
    List(List),
    /// Change what is recorded of a patient
    #[command(
        after_help = "Example:\n  aftercare patient set R-1042 --status deceased --reason 'family called'"
    )]
    Set(Set),
    /// Show the past and future of one patient
    #[command(after_help = "Example:\n  aftercare patient plan R-1042 --until 2029-12-31")]
    Plan(Plan),
}

/// Take one patient in
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The clinic's own reference; never a name.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// What she wants to be called.
    #[arg(long)]
    pub name: String,
    /// Date of birth.
    #[arg(long, value_name = "DATE")]
    pub birth_date: Date,
    /// Her address; without one, staff tasks take the letters' place.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Language code; the clinic's first otherwise.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// Her IANA time zone; the clinic's otherwise.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// The protocol to enrol her in.
    #[arg(long, requires = "anchor")]
    pub protocol: Option<String>,
    /// The date the protocol counts from.
    #[arg(long, value_name = "DATE", requires = "protocol")]
    pub anchor: Option<Date>,
    /// How much letters say: `minimal`, `standard` or `full`.
    #[arg(long, value_name = "LEVEL", default_value = "standard", value_parser = ["minimal", "standard", "full"])]
    pub detail: String,
    /// Others read this inbox too: letters say less.
    #[arg(long)]
    pub shared_inbox: bool,
}

/// Show one patient and what is open for her
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
}

/// List patients
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only in this status.
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
}

/// Change what is recorded of a patient
#[derive(Debug, clap::Args)]
pub struct Set {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// New status, e.g. `paused`, `transferred`, `deceased`, `active`.
    #[arg(long, requires = "reason")]
    pub status: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The second person, where two must agree (undoing `deceased`).
    #[arg(long, value_name = "NAME")]
    pub confirmed_by: Option<String>,
    /// Until when she is paused.
    #[arg(long, value_name = "DATE", requires = "status")]
    pub until: Option<Date>,
    /// New address.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// New name.
    #[arg(long)]
    pub name: Option<String>,
    /// New language.
    #[arg(long, value_name = "CODE")]
    pub language: Option<String>,
    /// New time zone.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// How much letters say: `minimal`, `standard` or `full`.
    #[arg(long, value_name = "LEVEL", value_parser = ["minimal", "standard", "full"])]
    pub detail: Option<String>,
    /// Whether others read this inbox too.
    #[arg(long, value_name = "BOOL")]
    pub shared_inbox: Option<bool>,
    /// Move her to this protocol, or enrol her in it; shows the difference first.
    #[arg(long)]
    pub protocol: Option<String>,
    /// New anchor date; shows the difference first.
    #[arg(long, value_name = "DATE")]
    pub anchor: Option<Date>,
    /// Apply the difference that was shown.
    #[arg(long)]
    pub yes: bool,
}

/// Show the past and future of one patient
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The last day to show.
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
