//! The list of dates to book behind the task of an import: shown, and settled line by line.

use std::io::Write;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::care::roster::booking_list::{BookingUrgency, is_risky};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::cli::table;
use crate::journey::commands::tasks::{self, SettledBooking};
use crate::journey::sending_policy::{day, zone};
use crate::store::database::OpenMode;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::roster::booking_list::BookingLine;
use crate::store::roster::imports::ImportId;
use crate::store::work::tasks::Task;

/// Decide that no date is booked for somebody on a list
#[derive(Debug, clap::Args)]
pub struct TaskSettleArgs {
    /// The task's number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Whose date is not booked.
    #[arg(long, value_name = "REF", value_parser = args::reference)]
    pub patient: Reference,
    /// Which series, where the list asks for more than one of hers.
    #[arg(long, value_name = "NAME")]
    pub series: Option<String>,
    /// Why, for staff only.
    #[arg(long, value_name = "TEXT")]
    pub note: String,
}

/// Every open line behind a task; none where it has no list.
pub(super) fn lines(view: &View<'_>, task: &Task) -> Result<Vec<BookingLine>, StoreError> {
    let import = ImportId::of_cause(&task.cause);
    import.map_or_else(|| Ok(Vec::new()), |import| Ok(view.booking_page(import, 0, u32::MAX)?.rows))
}

/// A line as JSON.
pub(super) fn document(line: &BookingLine, today: Date) -> Value {
    json!({
        "reference": line.reference, "name": line.name.expose(), "series": line.series, "number": line.number,
        "due_on": line.due_on.to_string(), "urgency": BookingUrgency::of(line.due_on, today).word(),
        "risky": is_risky(line.anchor_on, today), "book_by": line.book_by.to_string(),
        "caution": (!line.caution.is_empty()).then_some(&line.caution),
    })
}

/// What whoever rings must know first.
fn caution(line: &BookingLine) -> String {
    if line.caution.is_empty() { String::new() } else { format!(" ({})", line.caution.trim_end_matches('.')) }
}

/// The lines as a table.
pub(super) fn write(out: &mut dyn Write, lines: &[BookingLine], today: Date) -> std::io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines.iter().map(|line| {
        let risky = if is_risky(line.anchor_on, today) { ", first three years" } else { "" };
        [
            line.book_by.to_string(),
            line.reference.clone(),
            format!("{}{}", line.name.expose(), caution(line)),
            format!("{} {}", line.series, line.number),
            format!("{} ({}{risky})", line.due_on, BookingUrgency::of(line.due_on, today).word()),
        ]
    });
    table::write(out, ["book by", "patient", "name", "what", "due"], rows, "")
}

/// The day it is at the clinic.
pub(super) fn today(ctx: &Context) -> Result<Date, Failure> {
    Ok(day(ctx.stamp().at, &zone(&ctx.config()?.clinic.time_zone)?))
}

/// Takes one line off the list.
pub(super) fn settle(args: &TaskSettleArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::Existing)?;
    let mut hers = store.read(|view| lines(view, &view.task(args.id)?))?;
    let is_meant = |line: &BookingLine| {
        line.reference == args.patient.as_str()
            && args.series.as_ref().is_none_or(|name| *name == line.series)
    };
    hers.retain(is_meant);
    let [line] = &hers[..] else { return Err(unclear(&hers)) };
    let ask = SettledBooking { task: args.id, follow_up: line.follow_up, note: args.note.clone() };
    tasks::settle_booking(&store, ctx.stamp(), ask)?;
    ctx.changed()?;
    let document =
        json!({ "id": args.id, "reference": line.reference, "series": line.series, "settled": true });
    ctx.show(&document, |out| writeln!(out, "{} is off the list of task {}", line.reference, args.id))
}

fn unclear(found: &[BookingLine]) -> Failure {
    if found.is_empty() {
        return Failure::bad_input("that list does not ask for a date with her")
            .hint("see its lines: `aftercare tasks show ID`");
    }
    let mut names: Vec<&str> = found.iter().map(|line| line.series.as_str()).collect();
    names.dedup();
    Failure::bad_input(format!("the list asks for more than one date with her: {}", names.join(", ")))
        .hint("say which is meant: `--series NAME`")
}
