//! `aftercare stop` and `aftercare start`: letters of one kind wait until somebody starts the kind again.

use serde_json::{Value, json};

use crate::care::guards::stop_kind::StopKind;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::table;
use crate::journey::commands::guards::letter_stop::{self as commands, StopRequest};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::letter_stop;
use crate::store::database::OpenMode;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::letter_stops::LetterStop;

/// Stop letters to patients by kind, at once; without a kind, list what is stopped and what can be
///
/// Letters of a stopped kind wait. What else a letter says leaves without them; what is too late by the time the kind is
/// started again lapses with a task. A kind is a letter by its name, e.g. `nudge`, or a group: `visits`, `checklists`,
/// `leaflets`. Letters to staff, and the one that sends a patient to help, are never stopped.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare stop\n  aftercare stop checklists --reason \"the pages are down\"\n  aftercare stop nudge --dry-run"
)]
pub struct StopArgs {
    /// The kind of letters.
    pub kind: Option<String>,
    /// Why, for whoever finds it stopped; no names of patients.
    #[arg(long, value_name = "TEXT", requires = "kind", default_value = "", hide_default_value = true)]
    pub reason: String,
    /// Only say how many letters would wait.
    #[arg(long, requires = "kind")]
    pub dry_run: bool,
}

/// Start letters of a kind again that were stopped
///
/// Whatever waited leaves at its next open hour, in the pace allowed, if it is still of use.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare start checklists")]
pub struct StartArgs {
    /// The kind of letters.
    pub kind: String,
}

/// Stops a kind, tells what that would do, or lists.
///
/// # Errors
/// 65 when no such kind can be stopped, or it is stopped already.
pub fn stop(args: &StopArgs, ctx: &Context) -> Result<(), Failure> {
    let Some(word) = &args.kind else { return list(ctx) };
    let clinic = ctx.deps(if args.dry_run { OpenMode::AsItIs } else { OpenMode::Existing })?;
    let waiting = if args.dry_run {
        clinic.store.read(|view| -> Result<u32, StepError> {
            Ok(view.letters_of_kind(&letter_stop::kind(view, &clinic, word)?)?)
        })?
    } else {
        let ask = StopRequest { kind: word.clone(), reason: args.reason.clone() };
        let waiting = commands::stop(&clinic, ctx.stamp(), ask)?;
        ctx.changed()?;
        waiting
    };
    let document = json!({ "kind": word, "waiting": waiting, "stopped": !args.dry_run });
    ctx.show(&document, |out| match args.dry_run {
        true => writeln!(out, "{} would wait; nothing was stopped", letters(waiting)),
        false => writeln!(
            out,
            "letters of the kind {word} are stopped; {} in the outbox now. `aftercare start {word}` lets them go",
            waits(waiting)
        ),
    })
}

/// Starts a kind again.
///
/// # Errors
/// 65 when it is not stopped.
pub fn start(args: &StartArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let waiting = commands::start(&clinic, ctx.stamp(), args.kind.clone())?;
    ctx.changed()?;
    let document = json!({ "kind": args.kind, "waiting": waiting, "stopped": false });
    ctx.show(&document, |out| {
        writeln!(out, "letters of the kind {} go on; {} for their next open hour", args.kind, waits(waiting))
    })
}

fn letters(count: u32) -> String {
    if count == 1 { "one letter".to_owned() } else { format!("{count} letters") }
}

fn waits(count: u32) -> String {
    format!("{} {}", letters(count), if count == 1 { "waits" } else { "wait" })
}

/// A stop with how many letters wait for its end.
pub(in crate::cli) struct StopLine {
    stop: LetterStop,
    waiting: u32,
}

impl StopLine {
    /// Every stop in force.
    pub(in crate::cli) fn all(view: &View<'_>) -> Result<Vec<Self>, StoreError> {
        let counted = |stop: LetterStop| Ok(Self { waiting: view.letters_of_kind(&stop.kind)?, stop });
        view.letter_stops()?.into_iter().map(counted).collect()
    }

    /// As `--json` shows it.
    pub(in crate::cli) fn json(&self) -> Value {
        let LetterStop { kind, stopped_at, stopped_by, reason, .. } = &self.stop;
        json!({
            "kind": kind.word(), "since": stopped_at.to_string(), "by": stopped_by, "reason": reason,
            "waiting": self.waiting,
        })
    }

    /// One line for `doctor`.
    pub(in crate::cli) fn words(&self) -> String {
        let LetterStop { kind, stopped_at, stopped_by, .. } = &self.stop;
        let (kind, since) = (kind.word(), stopped_at.strftime("%F %H:%MZ"));
        format!(
            "letters of the kind {kind} since {since} by {stopped_by}: {}; `aftercare start {kind}`",
            waits(self.waiting)
        )
    }

    fn row(&self) -> [String; 5] {
        let LetterStop { kind, stopped_at, stopped_by, reason, .. } = &self.stop;
        let since = stopped_at.strftime("%F %H:%MZ").to_string();
        [kind.word().to_owned(), since, stopped_by.clone(), self.waiting.to_string(), reason.clone()]
    }
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::AsItIs)?;
    let (lines, kinds) = clinic
        .store
        .read(|view| -> Result<_, StepError> { Ok((StopLine::all(view)?, kinds(view, &clinic)?)) })?;
    let document = json!({ "stopped": lines.iter().map(StopLine::json).collect::<Vec<_>>(), "kinds": kinds });
    ctx.show(&document, |out| {
        let header = ["kind", "since", "by", "waiting", "why"];
        table::write(out, header, lines.iter().map(StopLine::row), "Nothing is stopped.")?;
        writeln!(out, "\ncan be stopped: {}", kinds.join(", "))
    })
}

/// Every kind that can be stopped, groups first.
fn kinds(view: &View<'_>, clinic: &Deps) -> Result<Vec<String>, StepError> {
    let known = letter_stop::known(view, clinic)?;
    let letters = known.patients.iter().filter_map(|word| StopKind::parse(word, &known).ok());
    Ok(StopKind::groups().chain(letters).map(|kind| kind.word().to_owned()).collect())
}
