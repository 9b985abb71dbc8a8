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
use crate::store::journal::prior_doubts::PriorDoubt;
use crate::store::mail::delivery::DeliveryId;

/// What stands before the number of a letter that the outbox does not hold.
const BEFORE: &str = "before/";

/// List what waits while a restored backup is looked at, and what is known of each letter
///
/// What the sent journal, or the database that was there before, knows of a letter is filled in, with what happens to it when
/// the hold ends. The daemon lets letters fall due while they are held, so the list grows after a restore for a minute; one in
/// doubt that is not owed in the copy yet stands there as `before/N`.
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
    #[arg(value_name = "DELIVERY", required_unless_present = "all", conflicts_with = "all", value_parser = number)]
    pub deliveries: Vec<HeldNumber>,
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

/// How a letter is named in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldNumber {
    /// It waits in the outbox.
    Waiting(i64),
    /// It was in hand before the restore, and the outbox does not hold it.
    Before(i64),
}

fn number(word: &str) -> Result<HeldNumber, String> {
    let (digits, of): (&str, fn(i64) -> HeldNumber) = match word.strip_prefix(BEFORE) {
        Some(digits) => (digits, HeldNumber::Before),
        None => (word, HeldNumber::Waiting),
    };
    digits.parse().map(of).map_err(|_| "a number of the list, such as 17 or before/3".to_owned())
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
    let found =
        store.read(|view| Ok::<_, StepError>((of_kind(view, args.kind)?, doubts(view, args.kind)?)))?;
    show(&found.0, &found.1, ctx)
}

/// Letters in doubt that the outbox does not hold.
fn doubts(view: &View<'_>, kind: Option<HeldKind>) -> Result<Vec<PriorDoubt>, StepError> {
    match kind {
        None | Some(HeldKind::InDoubt) => held_letters::doubts(view),
        Some(HeldKind::Sent | HeldKind::NotKnown) => Ok(Vec::new()),
    }
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
    let (mut letters, mut before) =
        store.read(|view| Ok::<_, StepError>((of_kind(view, args.all)?, doubts(view, args.all)?)))?;
    if args.all.is_none() {
        letters.retain(|one| args.deliveries.contains(&HeldNumber::Waiting(one.letter.id.0)));
        before.retain(|one| args.deliveries.contains(&HeldNumber::Before(one.id)));
    }
    if args.dry_run {
        return show(&letters, &before, ctx);
    }
    let stamp = sign_in::stamp(ctx, &store, args.name.as_deref())?;
    let (mut letters, mut records) = (
        letters.iter().map(|one| one.letter.id).collect::<Vec<_>>(),
        before.iter().map(|one| one.id).collect::<Vec<_>>(),
    );
    if args.all.is_none() {
        // One that is not in the list is told as such.
        let asked = |of: fn(&HeldNumber) -> Option<i64>| args.deliveries.iter().filter_map(of);
        letters = asked(|one| if let HeldNumber::Waiting(id) = one { Some(*id) } else { None })
            .map(DeliveryId)
            .collect();
        records = asked(|one| if let HeldNumber::Before(id) = one { Some(*id) } else { None }).collect();
    }
    let mut decided =
        held_letters::decide(&store, stamp.clone(), HeldRequest { letters, decision: args.decision })?;
    decided += held_letters::decide_doubts(&store, stamp, records, args.decision)?;
    ctx.changed()?;
    ctx.show(&json!({ "decided": decided, "decision": args.decision.word() }), |out| match decided {
        1 => writeln!(out, "one letter: {}", args.decision.word()),
        n => writeln!(out, "{n} letters: {}", args.decision.word()),
    })
}

fn show(letters: &[HeldEntry], before: &[PriorDoubt], ctx: &Context) -> Result<(), Failure> {
    let document: Vec<Value> =
        letters.iter().map(document).chain(before.iter().map(doubt_document)).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "says", "day", "what is known", "when the hold ends"];
        table::write(
            out,
            header,
            letters.iter().map(row).chain(before.iter().map(doubt_row)),
            "No letter waits for a restore to be looked at.",
        )
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

fn doubt_row(one: &PriorDoubt) -> [String; 6] {
    let told = HeldKind::InDoubt.told();
    [
        format!("{BEFORE}{}", one.id),
        "-".to_owned(),
        "not in the outbox yet".to_owned(),
        "-".to_owned(),
        format!("{told} ({}, as letter {})", one.at.strftime("%F %H:%MZ"), one.delivery.0),
        "decide first".to_owned(),
    ]
}

fn doubt_document(one: &PriorDoubt) -> Value {
    json!({
        "id": format!("{BEFORE}{}", one.id), "reference": null, "known": HeldKind::InDoubt.word(),
        "left_at": one.at.to_string(), "delivery_before": one.delivery.0, "released": false, "proposed": null,
    })
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
