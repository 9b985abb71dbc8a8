//! `aftercare ledger`: every letter and what became of it.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::care::delivery::{Arrival, DeliveryState};
use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::export;
use crate::cli::records::patient::args;
use crate::cli::table;
use crate::exchange::roster::cells::neutral;
use crate::store::database::OpenMode;
use crate::store::mail::delivery::Delivery;
use crate::store::work::worklist::{LedgerFilter, LedgerLine};

/// Show every letter and what became of it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare ledger --patient R-1042 --since 2027-01-01")]
pub struct LedgerArgs {
    /// Only letters to this patient.
    #[arg(long, value_name = "REF", value_parser = args::reference)]
    pub patient: Option<Reference>,
    /// Only letters in this state.
    #[arg(long, value_name = "S", value_parser = state)]
    pub state: Option<DeliveryState>,
    /// Only letters for this day of the reader's or later.
    #[arg(long, value_name = "DATE")]
    pub since: Option<Date>,
    /// As CSV instead of a table.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// Shows the letters that fit, oldest first, as a table, CSV or JSON.
///
/// # Errors
/// 65 when there is no such patient.
pub fn run(args: &LedgerArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    if let Some(reference) = &args.patient {
        store.read(|view| view.patient_by_reference(reference))?;
    }
    let filter = LedgerFilter {
        reference: args.patient.as_ref().map(|r| r.as_str().to_owned()),
        state: args.state.map(|s| s.word().to_owned()),
        since: args.since,
        limit: 0,
    };
    let lines = store.read(|view| view.ledger(&filter))?;
    if args.csv {
        return csv(&lines, export::sink(None)?);
    }
    let document: Vec<Value> = lines.iter().filter(|_| ctx.json).map(line).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "day", "letter", "state", "why"];
        table::write(out, header, lines.iter().map(row), "No letter is on record.")
    })
}

fn row(line: &LedgerLine) -> [String; 6] {
    let d = &line.delivery;
    let reply = d.reply_text.as_ref().filter(|_| !matches!(d.state, DeliveryState::Sent));
    let what = if line.steps.is_empty() { d.purpose.word() } else { &line.steps };
    [
        d.id.0.to_string(),
        line.reference.clone().unwrap_or_else(|| "staff".to_owned()),
        d.local_on.to_string(),
        what.to_owned(),
        stands(d),
        line.why().or(reply.map(String::as_str)).unwrap_or_default().to_owned(),
    ]
}

/// Where a letter stands, for people: its state, and whether it may have arrived all the same.
pub(in crate::cli) fn stands(letter: &Delivery) -> String {
    let arrival = letter.arrival().map(|arrival| format!(", {}", arrival.word())).unwrap_or_default();
    format!("{}{arrival}", letter.state.word())
}

/// A letter of the ledger as JSON; never its address.
pub(in crate::cli) fn line(line: &LedgerLine) -> Value {
    let d = &line.delivery;
    json!({
        "id": d.id.0, "reference": line.reference, "purpose": d.purpose.word(), "local_on": d.local_on.to_string(),
        "steps": line.steps, "state": d.state.word(), "reason": d.reason, "attempts": d.attempt, "doubts": d.doubts,
        "stopped": line.is_held_back,
        "arrival": d.arrival().map(Arrival::word), "in_doubt_at": d.in_doubt_at.map(|at| at.to_string()),
        "message_id": d.message_id, "next_at": d.next_at.map(|at| at.to_string()),
        "expires_at": d.expires_at.to_string(), "ended_at": d.ended_at.map(|at| at.to_string()),
        "reply_code": d.reply_code, "reply_text": d.reply_text,
    })
}

const COLUMNS: [&str; 10] =
    ["id", "reference", "local_on", "steps", "state", "reason", "attempts", "ended_at", "reply", "arrival"];

/// Writes the lines as CSV with a header.
///
/// # Errors
/// The writer's.
pub(in crate::cli) fn csv(lines: &[LedgerLine], out: impl std::io::Write) -> Result<(), Failure> {
    let mut out = csv::Writer::from_writer(out);
    let mut written = || -> csv::Result<()> {
        out.write_record(COLUMNS)?;
        for line in lines {
            let d = &line.delivery;
            let cells: [&str; COLUMNS.len()] = [
                &d.id.0.to_string(),
                line.reference.as_deref().unwrap_or_default(),
                &d.local_on.to_string(),
                &line.steps,
                d.state.word(),
                line.why().unwrap_or_default(),
                &d.attempt.to_string(),
                &d.ended_at.map(|at| at.to_string()).unwrap_or_default(),
                d.reply_text.as_deref().unwrap_or_default(),
                d.arrival().map_or("", Arrival::word),
            ];
            out.write_record(cells.map(|cell| neutral(cell).into_owned()))?;
        }
        Ok(out.flush()?)
    };
    written().map_err(|error| Failure::from(std::io::Error::from(error)))
}

fn state(word: &str) -> Result<DeliveryState, String> {
    let known = || DeliveryState::ALL.map(DeliveryState::word).join(", ");
    DeliveryState::parse(word).ok_or_else(|| format!("no such state; known are {}", known()))
}
