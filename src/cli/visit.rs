//! `aftercare visit`: concrete appointments.

use jiff::civil::{Date, Time};

use serde_json::{Value, json};

use super::context::Context;
use super::exit::Failure;
use super::patient;
use crate::care::patient::Reference;
use crate::exchange::roster;
use crate::journey::book::{Tell, Wish};
use crate::journey::enrol::Slot;
use crate::journey::front::{self, Visit};
use crate::journey::policy::{day, zone};
use crate::store::Open;

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

/// Whether she is written to.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Hush {
    /// She knows already: write her no letter.
    #[arg(long)]
    pub no_letter: bool,
}

impl Hush {
    const fn tell(self) -> Tell {
        if self.no_letter { Tell::Nobody } else { Tell::Patient }
    }
}

/// Book a date and time for a follow-up
#[derive(Debug, clap::Args)]
pub struct Book {
    /// The patient's reference.
    #[arg(value_name = "REF", value_parser = patient::reference)]
    pub reference: Reference,
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
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: Hush,
}

/// Move a booked visit; its calendar entry moves along
#[derive(Debug, clap::Args)]
pub struct Move {
    /// The patient's reference.
    #[arg(value_name = "REF", value_parser = patient::reference)]
    pub reference: Reference,
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
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: Hush,
}

/// Record that it took place
#[derive(Debug, clap::Args)]
pub struct Done {
    /// The patient's reference.
    #[arg(value_name = "REF", value_parser = patient::reference)]
    pub reference: Reference,
    /// When; today otherwise.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// Who says so, e.g. `clinic`, `patient`, `other-hospital`.
    #[arg(long, value_name = "WORD", default_value = "clinic")]
    pub source: String,
}

/// Call a booked visit off; its calendar entry goes
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The patient's reference.
    #[arg(value_name = "REF", value_parser = patient::reference)]
    pub reference: Reference,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The series of the follow-up; the nearest open visit or test otherwise.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: Hush,
}

/// Runs it.
///
/// # Errors
/// 65 when nothing fits, the date is past, or the patient is unknown.
pub fn run(args: &Args, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.desk(Open::Existing)?;
    let stamp = ctx.stamp();
    let today = day(stamp.at, &zone(&clinic.policy.zone)?);
    let (whose, what, verb) = match &args.verb {
        Verb::Book(a) => {
            let wish = wish((a.on, a.at, &a.place), a.series.as_ref(), a.hush.tell())?;
            (&a.reference, Visit::Book(wish), "booked")
        }
        Verb::Move(a) => {
            let place = a.place.as_deref().unwrap_or_default();
            (&a.reference, Visit::Move(wish((a.on, a.at, place), a.series.as_ref(), a.hush.tell())?), "moved")
        }
        Verb::Done(a) => (&a.reference, done(a, today)?, "done"),
        Verb::Cancel(a) => {
            (&a.reference, Visit::Cancel(a.series.clone(), a.hush.tell(), a.reason.clone()), "cancelled")
        }
    };
    let touched = front::visit(&clinic, stamp, whose.clone(), what)?;
    ctx.changed()?;
    let lines: Vec<Value> = touched
        .iter()
        .map(|f| json!({ "series": f.series, "number": f.owed.number, "due_on": f.owed.due_on.to_string() }))
        .collect();
    let document = json!({ "reference": whose.as_str(), "what": verb, "follow_ups": lines });
    ctx.show(&document, |out| {
        for f in &touched {
            writeln!(
                out,
                "{}: {} {}, due {}, is {verb}",
                whose.as_str(),
                f.series,
                f.owed.number,
                f.owed.due_on
            )?;
        }
        Ok(())
    })
}

fn wish(when: (Date, Time, &str), series: Option<&String>, tell: Tell) -> Result<Wish, Failure> {
    let place = roster::place(when.2.trim());
    let place =
        place.map_err(|(problem, hint)| Failure::bad_input(format!("`--place` {problem}")).hint(hint))?;
    let slot = Slot { on: when.0, at: when.1, place: place.to_owned() };
    Ok(Wish { series: series.cloned(), slot, tell })
}

fn done(args: &Done, today: Date) -> Result<Visit, Failure> {
    let on = args.on.unwrap_or(today);
    if on > today {
        return Err(
            Failure::bad_input("`--on` lies in the future").hint("book it with `aftercare visit book`")
        );
    }
    Ok(Visit::Done(args.series.clone(), on, args.source.clone()))
}
