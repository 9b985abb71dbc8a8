//! `aftercare visit`: concrete appointments.

use jiff::civil::{Date, Time};

use super::context::Context;
use super::exit::Failure;

/// Appointments: book, move, done, cancel
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare visit book R-1042 --on 2027-04-12 --at 10:30 --place 'Room 4'")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Book a date and time for a follow-up
    #[command(
        after_help = "Example:\n  aftercare visit book R-1042 --on 2027-04-12 --at 10:30 --place 'Room 4'"
    )]
    Book(Book),
    /// Move a booked visit; its calendar entry moves along
    #[command(after_help = "Example:\n  aftercare visit move R-1042 --on 2027-04-19 --at 09:00")]
    Move(Move),
    /// Record that it took place
    #[command(after_help = "Example:\n  aftercare visit done R-1042 --on 2027-04-19")]
    Done(Done),
    /// Call a booked visit off; its calendar entry goes
    #[command(after_help = "Example:\n  aftercare visit cancel R-1042 --reason 'clinic closed'")]
    Cancel(Cancel),
}

/// Book a date and time for a follow-up
#[derive(Debug, clap::Args)]
pub struct Book {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The date, in the clinic's zone.
    #[arg(long, value_name = "DATE")]
    pub on: Date,
    /// The time of day, in the clinic's zone.
    #[arg(long, value_name = "TIME")]
    pub at: Time,
    /// Where, as the letter should say it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub place: String,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
}

/// Move a booked visit; its calendar entry moves along
#[derive(Debug, clap::Args)]
pub struct Move {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// The date, in the clinic's zone.
    #[arg(long, value_name = "DATE")]
    pub on: Date,
    /// The time of day, in the clinic's zone.
    #[arg(long, value_name = "TIME")]
    pub at: Time,
    /// A new place; as before otherwise.
    #[arg(long, value_name = "TEXT")]
    pub place: Option<String>,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
}

/// Record that it took place
#[derive(Debug, clap::Args)]
pub struct Done {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// When; today otherwise.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
}

/// Call a booked visit off; its calendar entry goes
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The patient's reference.
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
}

/// Runs it.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(_args: &Args, _ctx: &Context) -> Result<(), Failure> {
    Err(Failure::unavailable("not built yet"))
}
