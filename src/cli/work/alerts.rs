//! `aftercare alerts`: what must end with a person (P6).

use std::io::Write;

use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::alike::{self, AlikeRequest};
use super::contact::{self, ContactLogArgs};
use crate::care::alert::closure_step::{ClosureStep, NONE};
use crate::care::alert::lifecycle::{AlertOutcome, AlertState, Disposition};
use crate::care::triage::tier::Tier;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in::sign_in;
use crate::journey::alerts::test_alert::TestReply;
use crate::journey::alerts::{acknowledge, cover, give_back};
use crate::journey::operations::close_alert::{self, ClosureRequest};
use crate::journey::owner_seen::OwnerSeen;
use crate::store::alerts::alert_pages::{AlertFilter, AlertScope};
use crate::store::alerts::lifecycle::{Alert, AlertClosure, AlertId};
use crate::store::database::{OpenMode, Store};
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;

/// Alerts: list, show, acknowledge, give back, note calls, close, test the ladder
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare alerts list")]
pub struct AlertsArgs {
    /// The command after `alerts`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: AlertsCommand,
}

/// What can be done with alerts; all but `list`, `show` and `test` ask for a sign-in.
#[derive(Debug, clap::Subcommand)]
pub enum AlertsCommand {
    /// List open alerts, most pressing first
    #[command(after_help = "Example:\n  aftercare alerts list --all")]
    List(AlertListArgs),
    /// Show one alert and its call log
    #[command(after_help = "Example:\n  aftercare alerts show 12")]
    Show(AlertShowArgs),
    /// Write down what was tried for an alert, or hand it over; asks for your password and code
    #[command(
        after_help = "Example:\n  aftercare alerts note 12 --as maria --kind no-answer --again 2027-03-04T09:30"
    )]
    Note(ContactLogArgs),
    /// Take an alert on; asks for your password and code
    #[command(after_help = "Example:\n  aftercare alerts ack 12 --as maria")]
    Ack(AckArgs),
    /// Keep an alert open that was taken on: you have spoken with her; asks for your password and code
    #[command(after_help = "Example:\n  aftercare alerts keep 12 --as maria")]
    Keep(AckArgs),
    /// Give back an alert that was taken on: it rings at once; asks for your password and code
    #[command(after_help = "Example:\n  aftercare alerts give-back 12 --as maria")]
    GiveBack(AckArgs),
    /// Close an alert with what was done; asks for your password and code
    #[command(
        after_help = "Example:\n  aftercare alerts close 12 --as maria --done called --done mri --mri-on 2027-03-04 --outcome other-cause"
    )]
    Close(Close),
    /// Send a test alert down the ladder
    #[command(after_help = "Example:\n  aftercare alerts test")]
    Test,
    /// Confirm the test alert that reached you, by the code of its letter; asks for your password and code
    #[command(after_help = "Example:\n  aftercare alerts confirm --as maria --code K7QD-M2XW-3RTA")]
    Confirm(Confirm),
}

/// List open alerts, most pressing first
#[derive(Debug, clap::Args)]
pub struct AlertListArgs {
    /// Closed alerts too, newest first.
    #[arg(long)]
    pub all: bool,
    /// Only those that this account has taken on.
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub owner: Option<String>,
    /// At most so many; says on stderr how to go on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: Option<u32>,
    /// Only those that come after this place, as the list before gave it.
    #[arg(long, value_name = "PLACE")]
    pub after: Option<String>,
}

/// Show one alert and its call log
#[derive(Debug, clap::Args)]
pub struct AlertShowArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
}

/// Take an alert on, keep it, or give it back; asks for your password and code
#[derive(Debug, clap::Args)]
pub struct AckArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
}

/// Close an alert with what was done; asks for your password and code
#[derive(Debug, clap::Args)]
pub struct Close {
    /// Its number in the list; several that are no emergency are closed alike, each by itself.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<i64>,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// What was done; may be given more than once.
    #[arg(long, value_name = "WORD", required = true, value_parser = Disposition::WORDS)]
    pub done: Vec<String>,
    /// The date of the MRI.
    #[arg(long, value_name = "DATE")]
    pub mri_on: Option<Date>,
    /// What it turned out to be.
    #[arg(long, value_name = "WORD", value_parser = AlertOutcome::ALL.map(AlertOutcome::word))]
    pub outcome: String,
    /// Further words for the record.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
    /// What follows from spread or recurrence, in the same step; may be given more than once; `none` with a --note that says why.
    #[arg(long, value_name = "WORD", value_parser = follow_words())]
    pub follow: Vec<String>,
    /// The last day of the pause, for `--follow pause`.
    #[arg(long, value_name = "DATE")]
    pub pause_until: Option<Date>,
}

/// Confirm the test alert that reached you, by the code of its letter; asks for your password and code
///
/// The code proves the step of the ladder that its letter or call went to, and no other. Without one, a note can be left.
#[derive(Debug, clap::Args)]
pub struct Confirm {
    /// The code that the test letter or call brought.
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// No code came: a few words for whoever mends the ladder; they prove nothing.
    #[arg(long, value_name = "TEXT", conflicts_with = "code")]
    pub note: Option<String>,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
}

/// Carries out the command; one that changes an alert wakes the daemon.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &AlertsArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        AlertsCommand::List(args) => list(args, ctx),
        AlertsCommand::Show(args) => show_with_log(args, ctx),
        AlertsCommand::Note(args) => contact::log(args, ctx, ContactSubject::Alert(AlertId(args.id))),
        AlertsCommand::Ack(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let stamp = sign_in(ctx, &clinic.store, &args.name)?;
            show(ctx, &ctx.runtime()?.block_on(acknowledge::take_on(&clinic, stamp, AlertId(args.id)))?)
        }
        AlertsCommand::Keep(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let stamp = sign_in(ctx, &clinic.store, &args.name)?;
            let kept = acknowledge::keep(&clinic, stamp, AlertId(args.id), OwnerSeen::Unasked);
            show(ctx, &ctx.runtime()?.block_on(kept)?)
        }
        AlertsCommand::GiveBack(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let stamp = sign_in(ctx, &clinic.store, &args.name)?;
            let back = give_back::give_back(&clinic, stamp, AlertId(args.id), OwnerSeen::Unasked);
            show(ctx, &ctx.runtime()?.block_on(back)?)
        }
        AlertsCommand::Close(args) => {
            let (ending, clinic) = (ending(args)?, ctx.deps(OpenMode::Existing)?);
            let stamp = sign_in(ctx, &clinic.store, &args.name)?;
            match args.ids[..] {
                [id] => show(
                    ctx,
                    &ctx.runtime()?.block_on(close_alert::end(&clinic, stamp, AlertId(id), ending))?,
                ),
                _ => alike::close(ctx, &args.ids, AlikeRequest { clinic: &clinic, stamp }, ending),
            }
        }
        AlertsCommand::Test => test(ctx),
        AlertsCommand::Confirm(args) => confirm(args, ctx),
    }
}

fn ending(args: &Close) -> Result<ClosureRequest, Failure> {
    let step = |word: &String| {
        let on = args.mri_on.filter(|_| word == "mri");
        Disposition::parse(word, on).ok_or_else(|| {
            Failure::bad_input(format!("`--done {word}` needs the date of the scan"))
                .hint("add --mri-on DATE, the day it was done or is booked for")
        })
    };
    let dispositions = args.done.iter().map(step).collect::<Result<_, _>>()?;
    let outcome = AlertOutcome::parse(&args.outcome).ok_or_else(|| Failure::bad_input("unknown outcome"))?;
    let closure = AlertClosure { dispositions, outcome, note: args.note.clone() };
    let says_none = args.follow.iter().any(|word| word == NONE);
    Ok(ClosureRequest { closure, steps: follow(args)?, says_none })
}

/// The words that `--follow` takes.
fn follow_words() -> PossibleValuesParser {
    PossibleValuesParser::new(ClosureStep::WORDS.into_iter().chain([NONE]))
}

fn follow(args: &Close) -> Result<Vec<ClosureStep>, Failure> {
    let step = |word: &String| {
        let until = args.pause_until.filter(|_| word == "pause");
        ClosureStep::parse(word, until).ok_or_else(|| {
            Failure::bad_input("`--follow pause` needs its last day").hint("add --pause-until DATE")
        })
    };
    args.follow.iter().filter(|word| *word != NONE).map(step).collect()
}

fn show(ctx: &Context, alert: &Alert) -> Result<(), Failure> {
    ctx.changed()?;
    ctx.show(&document(alert), |out| {
        writeln!(out, "alert {} of {} is {}", alert.id.0, alert.reference, alert.state.word())
    })
}

fn show_with_log(args: &AlertShowArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let id = AlertId(args.id);
    let (alert, log) = store
        .read(|view| Ok::<_, StoreError>((view.alert(id)?, view.contacts(ContactSubject::Alert(id))?)))?;
    let mut whole = document(&alert);
    whole["log"] = log.iter().map(contact::document).collect();
    let now = ctx.stamp().at;
    ctx.show(&whole, |out| {
        row(out, &alert, now)?;
        log.iter().try_for_each(|entry| contact::write(out, entry))
    })
}

fn list(args: &AlertListArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let (alerts, next) = if args.all { newest(args, &store)? } else { open(args, &store)? };
    let documents: Vec<Value> = alerts.iter().map(document).collect();
    let now = ctx.stamp().at;
    ctx.show(&documents, |out| {
        if alerts.is_empty() {
            return writeln!(out, "No alert waits for a person.");
        }
        alerts.iter().try_for_each(|alert| row(out, alert, now))
    })?;
    if let Some(next) = next {
        ctx.say(&format!("there are more: `--after {next}`"));
    }
    Ok(())
}

/// A page of the open alerts, and the place after which the next begins.
fn open(args: &AlertListArgs, store: &Store) -> Result<(Vec<Alert>, Option<String>), Failure> {
    let after = args.after.as_deref().map(|place| place.parse().map_err(not_a_place)).transpose()?;
    let limit = args.limit.unwrap_or(u32::MAX);
    let filter = AlertFilter { scope: AlertScope::Open, owner: args.owner.clone(), after, limit };
    let page = store.read(|view| view.alert_page(&filter))?;
    Ok((page.alerts.into_iter().map(|(alert, _)| alert).collect(), page.next.map(|place| place.to_string())))
}

/// A page of all alerts, closed ones too.
fn newest(args: &AlertListArgs, store: &Store) -> Result<(Vec<Alert>, Option<String>), Failure> {
    let place = |place: &str| place.parse().map(AlertId).map_err(|_| not_a_place("no number of an alert"));
    let before = args.after.as_deref().map(place).transpose()?;
    let limit = args.limit.unwrap_or(u32::MAX);
    let mut alerts = store.read(|view| view.alerts_before(before, limit.saturating_add(1)))?;
    let is_last = alerts.len() <= limit as usize;
    alerts.truncate(limit as usize);
    let next = alerts.last().filter(|_| !is_last).map(|alert| alert.id.0.to_string());
    Ok((alerts, next))
}

fn not_a_place(why: &'static str) -> Failure {
    Failure::bad_input(format!("`--after`: {why}")).hint("give what the list before named, letter by letter")
}

fn row(out: &mut dyn Write, alert: &Alert, now: Timestamp) -> std::io::Result<()> {
    let tier = alert.tier.map_or("to read", Tier::word);
    let late = if alert.state == AlertState::Raised && alert.due_at <= now { "  LATE" } else { "" };
    let who = alert.acknowledged.as_ref().map(|(by, _)| format!(" by {by}")).unwrap_or_default();
    let (id, code, state) = (alert.id.0, &alert.reference, alert.state.word());
    let due = alert.due_at.strftime("%F %H:%MZ");
    let died = if alert.has_died { "  her death is on record" } else { "" };
    writeln!(out, "{id:>6}  {tier:<9}  {code:<16}  {state}{who}  due {due}{late}{died}")
}

fn document(alert: &Alert) -> Value {
    let (by, at) = alert.acknowledged.clone().unzip();
    let (closed_by, closed_at) = alert.closed.clone().unzip();
    let done: Option<Value> = alert.dispositions.as_deref().and_then(|d| serde_json::from_str(d).ok());
    json!({
        "id": alert.id.0, "reference": alert.reference, "tier": alert.tier.map(Tier::word),
        "state": alert.state.word(), "raised_at": alert.raised_at.to_string(), "due_at": alert.due_at.to_string(),
        "notices": alert.notices, "acknowledged_by": by, "acknowledged_at": at.map(|t| t.to_string()),
        "left_by": alert.left_by, "clock": alert.next_notice_at.filter(|_| alert.state == AlertState::Acknowledged)
            .map(|t| t.to_string()),
        "closed_by": closed_by, "closed_at": closed_at.map(|t| t.to_string()),
        "outcome": alert.outcome.map(AlertOutcome::word), "dispositions": done, "has_died": alert.has_died,
    })
}

fn test(ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let id = ctx.runtime()?.block_on(cover::test(&clinic, ctx.stamp()))?;
    ctx.changed()?;
    let told: Vec<&str> = clinic.care.contacts.iter().map(|contact| contact.name.as_str()).collect();
    ctx.show(&json!({ "test": id, "told": told }), |out| {
        writeln!(out, "test alert {id} is on its way to: {}", told.join(", "))?;
        writeln!(
            out,
            "Whoever gets it gives the code in it: `aftercare alerts confirm --as NAME --code CODE`."
        )
    })
}

fn confirm(args: &Confirm, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let stamp = sign_in(ctx, &clinic.store, &args.name)?;
    let reply = match (&args.code, &args.note) {
        (Some(code), _) => TestReply::Code(code.clone()),
        (None, note) => TestReply::Note(note.clone().unwrap_or_default()),
    };
    let proved = ctx.runtime()?.block_on(cover::answer(&clinic, stamp, reply))?;
    ctx.changed()?;
    let document = json!({ "confirmed": u8::from(proved.is_some()), "rung": proved });
    ctx.show(&document, |out| match &proved {
        Some(rung) => writeln!(out, "test alert confirmed for: {rung}"),
        None => writeln!(out, "noted; it proves nothing about the ladder"),
    })
}
