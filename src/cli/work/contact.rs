//! The call log on the command line: one set of arguments for alerts and tasks, and how entries are shown.

use std::io::Write;

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::care::contact_kind::ContactKind;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in::sign_in;
use crate::journey::commands::contact_log;
use crate::store::database::OpenMode;
use crate::store::work::contact_log::{ContactEntry, ContactReport, ContactSubject};

/// Write down what was tried; asks for your password and code
#[derive(Debug, clap::Args)]
pub struct ContactLogArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// What happened; `note` needs words in `--note`, `handed-over` a colleague in `--to`.
    #[arg(long, value_name = "WORD", value_parser = ContactKind::choices().map(ContactKind::word).collect::<Vec<_>>())]
    pub kind: String,
    /// Who goes on with it: the sign-in name of a colleague; with `--kind handed-over` only.
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// Further words, for staff only.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
    /// When you mean to try again, in the clinic's zone, e.g. 2027-03-04T09:30.
    #[arg(long, value_name = "MOMENT")]
    pub again: Option<DateTime>,
}

/// Writes the entry, and says so.
///
/// # Errors
/// [`Failure`] with its exit code.
pub(super) fn log(args: &ContactLogArgs, ctx: &Context, subject: ContactSubject) -> Result<(), Failure> {
    let kind = ContactKind::parse(&args.kind).ok_or_else(|| Failure::bad_input("unknown kind of contact"))?;
    let clinic = ctx.deps(OpenMode::Existing)?;
    let zone = &clinic.care.days.zone;
    let again_at = args.again.map(|at| zone.to_ambiguous_timestamp(at).compatible());
    let again_at = again_at.transpose().map_err(|_| Failure::bad_input("that moment is out of range"))?;
    let report = ContactReport { kind, handed_to: args.to.clone(), note: args.note.clone(), again_at };
    let stamp = sign_in(ctx, &clinic.store, &args.name)?;
    let done = ctx.runtime()?.block_on(contact_log::log(&clinic, stamp, subject, report))?;
    ctx.changed()?;
    ctx.show(&json!({ "id": args.id, "entry": done.entry, "kind": kind.word(), "handed_to": args.to, "letter": done.is_told }), |out| {
        writeln!(out, "written down: {}", kind.says())?;
        match done.is_told {
            Some(true) => writeln!(out, "a letter tells them"),
            Some(false) => writeln!(out, "no letter says so: tell them yourself"),
            None => Ok(()),
        }
    })
}

/// An entry as JSON.
pub(super) fn document(entry: &ContactEntry) -> Value {
    let report = &entry.report;
    json!({
        "entry": entry.id, "at": entry.at.to_string(), "by": entry.by, "kind": report.kind.word(),
        "handed_to": report.handed_to, "note": report.note,
        "again_at": report.again_at.map(|at| at.to_string()),
    })
}

/// An entry as lines.
pub(super) fn write(out: &mut dyn Write, entry: &ContactEntry) -> std::io::Result<()> {
    let report = &entry.report;
    let to = report.handed_to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let again = report.again_at.map(|at| format!("  again {}", at.strftime("%F %H:%MZ"))).unwrap_or_default();
    let (at, says) = (entry.at.strftime("%F %H:%MZ"), report.kind.says());
    writeln!(out, "{at}  {says}{to}  by {}{again}  {}", entry.by, report.note)
}
