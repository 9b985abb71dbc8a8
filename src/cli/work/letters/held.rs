//! `aftercare letters held` and `decide`: letters that a restored backup would send, each with what is known of it.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in;
use crate::cli::table;
use crate::journey::errors::step::StepError;
use crate::journey::operations::restore::held_letters::{
    self, HeldEntry, HeldKind, HeldOutcome, HeldRequest,
};
use crate::store::database::OpenMode;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::DeliveryId;

/// List what waits while a restored backup is looked at, and what is known of each letter
///
/// What the sent journal, or the database that was there before, knows of a letter is filled in, with what happens to it when
/// the hold ends. The daemon lets letters fall due while they are held, so the list grows after a restore for a minute.
#[derive(Debug, clap::Args)]
pub struct HeldArgs {
    /// Only those of which this is known: sent, in-doubt or not-known.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<HeldKind>,
}

/// Decide what becomes of letters that wait after a restore: was-sent, send or drop
///
/// `was-sent`: what it promises counts as told, and it does not leave. `send`: it leaves when the hold ends. `drop`: it does not
/// leave, and nothing it says counts as told. Needs whoever may end a hold, by name, where there is an account that may.
#[derive(Debug, clap::Args)]
pub struct HeldOutcomeArgs {
    /// What becomes of them: was-sent, send or drop.
    #[arg(value_name = "DECISION", value_parser = decision)]
    pub decision: HeldOutcome,
    /// The letters' numbers in the list.
    #[arg(value_name = "DELIVERY", required_unless_present = "all", conflicts_with = "all")]
    pub deliveries: Vec<i64>,
    /// Every letter of which this is known: sent, in-doubt or not-known.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub all: Option<HeldKind>,
    /// Only say which letters that would be.
    #[arg(long)]
    pub dry_run: bool,
    /// Your sign-in name; asks for your password and code.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

fn kind(word: &str) -> Result<HeldKind, String> {
    HeldKind::parse(word).ok_or_else(|| format!("one of: {}", HeldKind::ALL.map(HeldKind::word).join(", ")))
}

fn decision(word: &str) -> Result<HeldOutcome, String> {
    let all = || HeldOutcome::ALL.map(HeldOutcome::word).join(", ");
    HeldOutcome::parse(word).ok_or_else(|| format!("one of: {}", all()))
}

/// Lists letters that a restore holds.
///
/// # Errors
/// Whatever keeps the database from being used.
pub fn list(args: &HeldArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let letters = store.read(|view| of_kind(view, args.kind))?;
    show(&letters, ctx)
}

fn of_kind(view: &View<'_>, kind: Option<HeldKind>) -> Result<Vec<HeldEntry>, StepError> {
    match kind {
        Some(kind) => held_letters::alike(view, kind),
        None => held_letters::held(view, DeliveryId(0), u32::MAX),
    }
}

/// Decides about letters that a restore holds, or with `--dry-run` only says about which.
///
/// # Errors
/// 65 when one does not wait for a decision, or the account may not decide.
pub fn decide(args: &HeldOutcomeArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::Existing)?;
    let mut letters = store.read(|view| of_kind(view, args.all))?;
    if args.all.is_none() {
        letters.retain(|one| args.deliveries.contains(&one.letter.id.0));
    }
    if args.dry_run {
        return show(&letters, ctx);
    }
    let stamp = sign_in::stamp(ctx, &store, args.name.as_deref())?;
    let letters = match args.all {
        Some(_) => letters.iter().map(|one| one.letter.id).collect(),
        // One that is not in the list is told as such.
        None => args.deliveries.iter().map(|id| DeliveryId(*id)).collect(),
    };
    let decided = held_letters::decide(&store, stamp, HeldRequest { letters, decision: args.decision })?;
    ctx.changed()?;
    ctx.show(&json!({ "decided": decided, "decision": args.decision.word() }), |out| match decided {
        1 => writeln!(out, "one letter: {}", args.decision.word()),
        n => writeln!(out, "{n} letters: {}", args.decision.word()),
    })
}

fn show(letters: &[HeldEntry], ctx: &Context) -> Result<(), Failure> {
    let document: Vec<Value> = letters.iter().map(document).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "says", "day", "what is known", "when the hold ends"];
        table::write(out, header, letters.iter().map(row), "No letter waits for a restore to be looked at.")
    })
}

fn row(one: &HeldEntry) -> [String; 6] {
    let at = one.known.at.map(|at| format!(" ({})", at.strftime("%F %H:%MZ"))).unwrap_or_default();
    let end = HeldOutcome::proposed(&one.known).map_or("decide first", |decision| match decision {
        HeldOutcome::WasSent => "counts as sent",
        HeldOutcome::Send => "leaves",
        HeldOutcome::Drop => "is dropped",
    });
    [
        one.letter.id.0.to_string(),
        one.letter.reference.clone(),
        says(one),
        one.letter.local_on.to_string(),
        format!("{}{at}", HeldKind::of(&one.known).told()),
        end.to_owned(),
    ]
}

fn says(one: &HeldEntry) -> String {
    match one.letter.steps.is_empty() {
        true => one.letter.purpose.word().to_owned(),
        false => one.letter.steps.join(", "),
    }
}

fn document(one: &HeldEntry) -> Value {
    json!({
        "id": one.letter.id.0, "reference": one.letter.reference, "purpose": one.letter.purpose.word(),
        "steps": one.letter.steps, "local_on": one.letter.local_on.to_string(), "next_at": one.letter.next_at.to_string(),
        "known": HeldKind::of(&one.known).word(), "left_at": one.known.at.map(|at| at.to_string()),
        "released": one.known.is_released, "proposed": HeldOutcome::proposed(&one.known).map(HeldOutcome::word),
    })
}
