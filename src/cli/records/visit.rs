//! `aftercare visit`: concrete appointments, for what the plan asks for and beside it.

use jiff::civil::{Date, Time};
use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::exchange::roster::row::visit_cells;
use crate::exchange::roster::row_fault::CellFault;
use crate::journey::commands::appointments::{AppointmentCommand, change_appointment};
use crate::journey::deps::Deps;
use crate::journey::plan::booking_request::{
    AppointmentSlot, BookingRequest, CancellationRequest, CompletedVisit, ExtraVisitRequest, Tell,
};
use crate::journey::plan::pick_follow_up;
use crate::journey::sending_policy::{day, zone};
use crate::store::database::OpenMode;
use crate::store::plan::follow_ups::FollowUp;

/// Appointments: book, add, move, done, cancel
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare visit book R-1042 --on 2027-04-12 --at 10:30 --place 'Room 4'")]
pub struct VisitArgs {
    /// The command after `visit`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: VisitCommand,
}

/// What can be done with a visit; all but `done` write to her unless `--no-letter` is given.
#[derive(Debug, clap::Subcommand)]
pub enum VisitCommand {
    /// Book a date and time for a follow-up
    #[command(
        after_help = "Example:\n  aftercare visit book R-1042 --on 2027-04-12 --at 10:30 --place 'Room 4'"
    )]
    Book(Book),
    /// Add a visit that no protocol asks for, with its date; she is reminded of it as of any other
    #[command(
        after_help = "Example:\n  aftercare visit add R-1042 --on 2027-03-03 --at 10:00 --place 'X-ray, ground floor' --note 'MRI, after the call'"
    )]
    Add(Add),
    /// Move a booked visit; its calendar entry moves along
    #[command(after_help = "Example:\n  aftercare visit move R-1042 --on 2027-04-19 --at 09:00")]
    Move(Move),
    /// Record that it took place
    #[command(after_help = "Example:\n  aftercare visit done R-1042 --on 2027-04-19")]
    Done(VisitDoneArgs),
    /// Call a booked visit off; its calendar entry goes
    #[command(after_help = "Example:\n  aftercare visit cancel R-1042 --reason 'clinic closed'")]
    Cancel(Cancel),
}

/// Whether she is written to.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct QuietArgs {
    /// She knows already: write her no letter.
    #[arg(long)]
    pub no_letter: bool,
}

impl QuietArgs {
    const fn tell(self) -> Tell {
        if self.no_letter { Tell::Nobody } else { Tell::Patient }
    }
}

/// When and where a visit is.
#[derive(Debug, clap::Args)]
pub struct SlotArgs {
    /// The date, in the clinic's zone.
    #[arg(long, value_name = "DATE")]
    pub on: Date,
    /// The time of day, in the clinic's zone.
    #[arg(long, value_name = "TIME")]
    pub at: Time,
    /// Where, as the letter should say it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub place: String,
}

impl SlotArgs {
    fn slot(&self) -> Result<AppointmentSlot, Failure> {
        slot(self.on, self.at, &self.place)
    }
}

/// Book a date and time for a follow-up
#[derive(Debug, clap::Args)]
pub struct Book {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = args::reference)]
    pub reference: Reference,
    /// When and where it is.
    #[command(flatten)]
    pub slot: SlotArgs,
    /// The series of the follow-up; otherwise the open visit that the date fits. A test is always named.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// The date is meant although it lies far off the window of its follow-up, whose place it takes; what falls due before it
    /// stays owed.
    #[arg(long)]
    pub anyway: bool,
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: QuietArgs,
}

/// Add a visit that no protocol asks for, with its date
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = args::reference)]
    pub reference: Reference,
    /// When and where it is.
    #[command(flatten)]
    pub slot: SlotArgs,
    /// What it is for. For staff alone: no letter says it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: QuietArgs,
}

/// Move a booked visit; its calendar entry moves along
#[derive(Debug, clap::Args)]
pub struct Move {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = args::reference)]
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
    /// The series of the follow-up; otherwise the visit that is booked. A test is always named, and of several visits beside the
    /// plan each by its number: `extra-visit-2`.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// The date is meant although it lies far off the window of its follow-up, whose place it takes; what falls due before it
    /// stays owed.
    #[arg(long)]
    pub anyway: bool,
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: QuietArgs,
}

/// Record that it took place
#[derive(Debug, clap::Args)]
pub struct VisitDoneArgs {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = args::reference)]
    pub reference: Reference,
    /// The day it took place; today otherwise.
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// The series of what took place; otherwise the open visit that the date fits. A test is always named; a visit beside the plan
    /// is `extra-visit`.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// Who says so, e.g. `clinic`, `patient`, `other-hospital`; a test done elsewhere leaves a task to fetch its result.
    #[arg(long, value_name = "WORD", default_value = "clinic")]
    pub source: String,
    /// The day is meant although it lies far off the window of what it counts for: it takes its place.
    #[arg(long)]
    pub anyway: bool,
}

/// Call a booked visit off; its calendar entry goes
#[derive(Debug, clap::Args)]
pub struct Cancel {
    /// The patient's reference: the clinic's own case code, e.g. `R-1042`.
    #[arg(value_name = "REF", value_parser = args::reference)]
    pub reference: Reference,
    /// Why it is called off; kept in the audit, and told in no letter.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The series of the follow-up; otherwise the visit that is booked. A test is always named, and of several visits beside the
    /// plan each by its number: `extra-visit-2`.
    #[arg(long, value_name = "ID")]
    pub series: Option<String>,
    /// Whether she is written to.
    #[command(flatten)]
    pub hush: QuietArgs,
}

/// Carries out the command, wakes the daemon, and shows the follow-ups that changed.
///
/// # Errors
/// 65 when nothing or more than one fits, the date is past or far off, or the patient is unknown.
pub fn run(args: &VisitArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let stamp = ctx.stamp();
    let today = day(stamp.at, &zone(&clinic.policy.zone)?);
    let (whose, what, verb) = match &args.verb {
        VisitCommand::Book(a) => (&a.reference, AppointmentCommand::Book(a.wish()?), "booked"),
        VisitCommand::Add(a) => (&a.reference, AppointmentCommand::Add(a.wish()?), "booked"),
        VisitCommand::Move(a) => (&a.reference, AppointmentCommand::Move(a.wish()?), "moved"),
        VisitCommand::Done(a) => (&a.reference, done(a, today)?, "done"),
        VisitCommand::Cancel(a) => (
            &a.reference,
            AppointmentCommand::Cancel(CancellationRequest {
                series: a.series.clone(),
                tell: a.hush.tell(),
                reason: a.reason.clone(),
            }),
            "cancelled",
        ),
    };
    let odd = match &what {
        AppointmentCommand::Book(wish) | AppointmentCommand::Move(wish) => {
            clinic.policy.odd(wish.slot.on, wish.slot.at)?
        }
        AppointmentCommand::Add(wish) => clinic.policy.odd(wish.slot.on, wish.slot.at)?,
        AppointmentCommand::Done(_) | AppointmentCommand::Cancel(_) => Vec::new(),
    };
    let on = what.on();
    let is_told = what.is_told();
    let touched = change_appointment(&clinic, stamp, whose.clone(), what)?;
    ctx.changed()?;
    let mut warnings = on.map_or(Ok(Vec::new()), |on| warnings(&clinic, &touched, on))?;
    warnings.extend(odd.iter().map(ToString::to_string));
    if is_told && !clinic.store.read(|view| view.patient_by_reference(whose))?.gets_letters() {
        warnings.push("no letter tells her of it: a task asks to ring her".to_owned());
    }
    VisitReport { reference: whose, verb, touched: &touched, warnings: &warnings }.tell(ctx)
}

/// What comes too close to the next one due, or to the last (clinical brief, case 5).
fn warnings(clinic: &Deps, touched: &[FollowUp], on: Date) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    for f in touched {
        let close = clinic.store.read(|view| pick_follow_up::crowded(view, f, on, &clinic.protocol_cache))?;
        warnings.extend(close.iter().map(|why| format!("{} {} on {on}: {why}", f.series, f.owed.number)));
    }
    Ok(warnings)
}

/// What was done, as it is told.
struct VisitReport<'a> {
    reference: &'a Reference,
    verb: &'a str,
    touched: &'a [FollowUp],
    warnings: &'a [String],
}

impl VisitReport<'_> {
    fn tell(&self, ctx: &Context) -> Result<(), Failure> {
        let (reference, verb) = (self.reference.as_str(), self.verb);
        let line = |f: &FollowUp| json!({ "series": f.series, "number": f.owed.number, "due_on": f.owed.due_on.to_string() });
        let lines: Vec<Value> = self.touched.iter().map(line).collect();
        let document =
            json!({ "reference": reference, "what": verb, "follow_ups": lines, "warnings": self.warnings });
        for warning in self.warnings {
            ctx.say(&format!("warning: {warning}"));
        }
        ctx.show(&document, |out| {
            for f in self.touched {
                let owed = &f.owed;
                writeln!(out, "{reference}: {} {}, due {}, is {verb}", f.series, owed.number, owed.due_on)?;
            }
            Ok(())
        })
    }
}

impl Book {
    fn wish(&self) -> Result<BookingRequest, Failure> {
        let slot = self.slot.slot()?;
        Ok(BookingRequest { series: self.series.clone(), slot, tell: self.hush.tell(), anyway: self.anyway })
    }
}

impl Add {
    fn wish(&self) -> Result<ExtraVisitRequest, Failure> {
        let (slot, note) = (self.slot.slot()?, line("--note", &self.note)?);
        Ok(ExtraVisitRequest { slot, note, tell: self.hush.tell() })
    }
}

impl Move {
    fn wish(&self) -> Result<BookingRequest, Failure> {
        let slot = slot(self.on, self.at, self.place.as_deref().unwrap_or_default())?;
        Ok(BookingRequest { series: self.series.clone(), slot, tell: self.hush.tell(), anyway: self.anyway })
    }
}

fn slot(on: Date, at: Time, place: &str) -> Result<AppointmentSlot, Failure> {
    Ok(AppointmentSlot { on, at, place: line("--place", place)? })
}

/// What an option says in a line of its own.
fn line(option: &str, text: &str) -> Result<String, Failure> {
    let wrong =
        |wrong: CellFault| Failure::bad_input(format!("`{option}` {}", wrong.problem)).hint(wrong.hint);
    visit_cells::place(text.trim()).map(str::to_owned).map_err(wrong)
}

fn done(args: &VisitDoneArgs, today: Date) -> Result<AppointmentCommand, Failure> {
    let on = args.on.unwrap_or(today);
    if on > today {
        return Err(
            Failure::bad_input("`--on` lies in the future").hint("book it with `aftercare visit book`")
        );
    }
    Ok(AppointmentCommand::Done(CompletedVisit {
        series: args.series.clone(),
        on,
        source: args.source.clone(),
        anyway: args.anyway,
    }))
}
