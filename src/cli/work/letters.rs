//! `aftercare letters`: send again what was refused and is still of use, try at once what waits for the server, decide about
//! what a restore holds; and what letters say.

pub mod held;
pub mod wording;
pub mod wording_args;

use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::cli::{sign_in, table};
use crate::journey::commands::guards::volume;
use crate::journey::delivery::failure::server_refusal::{self, AskedLetters};
use crate::journey::outbox::retry::{self, RetryEnd, RetryResult, RetryScope};
use crate::store::database::OpenMode;
use crate::store::mail::delivery::DeliveryId;

/// Letters: send again what failed, try now what waits, or word them yourself
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare letters retry --all-failed --dry-run")]
pub struct LettersArgs {
    /// The command after `letters`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: LettersCommand,
}

/// What can be done with letters.
#[derive(Debug, clap::Subcommand)]
pub enum LettersCommand {
    /// Send again what was refused and is still of use; say of each other letter why not
    #[command(
        after_help = "Example:\n  aftercare letters retry 1742 1743\n  aftercare letters retry --patient R-1042"
    )]
    Retry(Retry),
    /// Try now what waits for the mail server, in the pace allowed
    ///
    /// When the server is back, whatever waited for it leaves by itself; this is for whoever has just mended it. Quiet hours
    /// hold all the same.
    #[command(after_help = "Example:\n  aftercare letters flush")]
    Flush,
    /// Agree that far more letters than usual leave: the task `unusual-volume` is done then
    #[command(after_help = "Example:\n  aftercare letters agree --note agreed")]
    Agree(ConfirmVolume),
    /// List what waits while a restored backup is looked at, and what is known of each letter
    #[command(after_help = "Example:\n  aftercare letters held --kind in-doubt")]
    Held(held::HeldArgs),
    /// Decide what becomes of letters that wait after a restore: was-sent, send or drop
    #[command(
        after_help = "Example:\n  aftercare letters decide was-sent --all in-doubt --dry-run\n  aftercare letters decide drop 1742 1743"
    )]
    Decide(held::HeldOutcomeArgs),
    /// Word letters in the clinic's own words: list, show, set, revert, history
    Wording(wording_args::WordingArgs),
}

/// Send again what was refused and is still of use; say of each other letter why not
///
/// A letter goes again under its own Message-ID, at the next open hour, if her status lets her receive letters, she has not
/// declined them, and something it says is still owed and not too late. The task about it is closed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("which").required(true).multiple(false))]
pub struct Retry {
    /// The letters' numbers in the ledger.
    #[arg(value_name = "DELIVERY", group = "which")]
    pub deliveries: Vec<i64>,
    /// Every failed letter of this patient.
    #[arg(long, value_name = "REF", value_parser = args::reference, group = "which")]
    pub patient: Option<Reference>,
    /// Every failed letter of every patient.
    #[arg(long, group = "which")]
    pub all_failed: bool,
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
}

/// Lets letters go again, or with `--dry-run` only looks, and shows what happens to each.
///
/// # Errors
/// 65 when there is no such letter or patient.
pub fn run(args: &LettersArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        LettersCommand::Retry(args) => again(args, ctx),
        LettersCommand::Flush => flush(ctx),
        LettersCommand::Agree(args) => agree(args, ctx),
        LettersCommand::Held(args) => held::list(args, ctx),
        LettersCommand::Decide(args) => held::decide(args, ctx),
        LettersCommand::Wording(args) => wording::run(args, ctx),
    }
}

/// Agree that far more letters than usual leave
///
/// Read some of the sample that left first (`aftercare ledger`, `aftercare replay`). A lead agrees; whoever holds the machine where
/// no lead has an account.
#[derive(Debug, clap::Args)]
pub struct ConfirmVolume {
    /// What was looked at; stands with the task.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub note: String,
    /// The account that agrees; asks for its password and code.
    #[arg(long = "as", value_name = "NAME")]
    pub by: Option<String>,
}

fn agree(args: &ConfirmVolume, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let stamp = sign_in::stamp(ctx, &clinic.store, args.by.as_deref())?;
    let letters = volume::agree(&clinic, stamp, args.note.clone())?;
    ctx.changed()?;
    ctx.show(&json!({ "letters": letters }), |out| {
        writeln!(out, "{letters} letters leave in their hours, in the pace allowed")
    })
}

fn flush(ctx: &Context) -> Result<(), Failure> {
    let AskedLetters { asked, waiting } = server_refusal::flush(&ctx.deps(OpenMode::Existing)?, ctx.stamp())?;
    ctx.changed()?;
    ctx.show(&json!({ "letters": asked, "waiting": waiting }), |out| {
        match asked {
            0 => writeln!(out, "nothing waits for the mail server")?,
            1 => writeln!(out, "one letter is tried now")?,
            n => writeln!(out, "{n} letters are tried now")?,
        }
        // The server spoke of each, so nobody else's letter brings them forward.
        match waiting {
            0 => Ok(()),
            1 => writeln!(out, "one letter waits for its own next try (`aftercare ledger`)"),
            n => writeln!(out, "{n} letters wait for their own next try (`aftercare ledger`)"),
        }
    })
}

fn again(args: &Retry, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(if args.dry_run { OpenMode::AsItIs } else { OpenMode::Existing })?;
    let which = match &args.patient {
        Some(reference) => RetryScope::Of(reference.clone()),
        None if args.all_failed => RetryScope::All,
        None => RetryScope::These(args.deliveries.iter().map(|id| DeliveryId(*id)).collect()),
    };
    let answers = match args.dry_run {
        true => retry::preview(&clinic, ctx.stamp(), which)?,
        false => retry::retry(&clinic, ctx.stamp(), which)?,
    };
    if !args.dry_run {
        ctx.changed()?;
    }
    let document: Vec<Value> = answers.iter().map(line).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "what happens"];
        table::write(out, header, answers.iter().map(row), "No letter has failed.")
    })
}

fn row(answer: &RetryResult) -> [String; 3] {
    let end = match &answer.end {
        RetryEnd::Again(at) => format!("goes again, not before {}", at.strftime("%F %H:%MZ")),
        RetryEnd::With(id) => format!("what it says travels with letter {}", id.0),
        RetryEnd::Stays(why) => format!("is not sent again: {why}"),
    };
    [answer.id.0.to_string(), answer.reference.clone().unwrap_or_else(|| "staff".to_owned()), end]
}

fn line(answer: &RetryResult) -> Value {
    let (next_at, with, why) = match &answer.end {
        RetryEnd::Again(at) => (Some(at.to_string()), None, None),
        RetryEnd::With(id) => (None, Some(id.0), None),
        RetryEnd::Stays(why) => (None, None, Some(why.to_string())),
    };
    json!({
        "id": answer.id.0, "reference": answer.reference, "again": why.is_none(), "next_at": next_at, "with": with,
        "why_not": why,
    })
}
