//! `aftercare audit list`: events that fit, newest first, with the same filters as the console.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde_json::{Value, json};

use crate::care::patient::Reference;
use crate::care::settings::setting::Setting;
use crate::care::time::calendar::{end_of_day, instant};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::cli::table;
use crate::store::audit::AuditEvent;
use crate::store::audit_pages::audit_topic::AuditTopic;
use crate::store::audit_pages::{AuditFilter, AuditSubject, AuditWhat};
use crate::store::database::OpenMode;
use crate::store::db::columns;

/// List events, newest first: by whom, what, about what, from day to day
#[derive(Debug, clap::Args)]
pub struct ListEvents {
    /// Only what was done by an account, by `cli:USER`, `patient`, or `daemon` for the program itself.
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// Only events of a topic (alerts, answers, letters, patients, dates, tasks, protocols, imports, settings, accounts, program),
    /// or of one kind, e.g. `alert.closed`.
    #[arg(long, value_name = "WHAT", value_parser = what)]
    pub what: Option<AuditWhat>,
    /// Only events about this patient: her record, letters, answers, alerts, tasks and dates.
    #[arg(long, value_name = "REF", value_parser = args::reference, conflicts_with_all = ["setting", "account"])]
    pub patient: Option<Reference>,
    /// Only events about this setting.
    #[arg(long, value_name = "SETTING", value_parser = setting, conflicts_with = "account")]
    pub setting: Option<Setting>,
    /// Only events about this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// From this day on, by the clinic's clock.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Up to and with this day.
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// Go on after this event: the last number of the page before.
    #[arg(long, value_name = "N")]
    pub before: Option<i64>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}

fn what(word: &str) -> Result<AuditWhat, String> {
    match AuditTopic::parse(word) {
        Some(topic) => Ok(AuditWhat::Topic(topic)),
        None if word.contains('.') => Ok(AuditWhat::Event(word.to_owned())),
        None => {
            let known = AuditTopic::ALL.map(AuditTopic::word).join(", ");
            Err(format!("no such topic; known are {known}; one kind of event has a dot, like alert.closed"))
        }
    }
}

fn setting(word: &str) -> Result<Setting, String> {
    let known = || Setting::ALL.map(Setting::word).join(", ");
    Setting::parse(word).ok_or_else(|| format!("no such setting; known are {}", known()))
}

/// Shows the events that fit.
///
/// # Errors
/// 65 when there is no such patient, or no event to go on after.
pub(super) fn run(args: &ListEvents, ctx: &Context) -> Result<(), Failure> {
    let zone = ctx.config()?.clinic.zone.clone();
    let store = ctx.store(OpenMode::AsItIs)?;
    let about = match &args.patient {
        Some(code) => Some(AuditSubject::Patient(store.read(|view| view.patient_by_reference(code))?.id)),
        None => args.setting.map(AuditSubject::Setting).or(args.account.clone().map(AuditSubject::Account)),
    };
    let filter = AuditFilter {
        actor: args.by.as_deref().map(actor),
        what: args.what.clone().unwrap_or_default(),
        about,
        from: args.from.map(|on| instant(on, Time::midnight(), &zone)),
        until: args.until.map(|on| end_of_day(on, &zone)),
        before: args.before,
        limit: args.limit,
    };
    let page = store.read(|view| view.audit_page(&filter))?;
    let events: Vec<Value> = page.events.iter().map(document).collect();
    ctx.show(&json!({ "events": events, "next": page.next }), |out| {
        let header = ["no.", "when", "who", "what", "about", "facts"];
        table::write(out, header, page.events.iter().map(row), "No event fits.")?;
        match page.next {
            Some(next) => writeln!(out, "older ones: the same with --before {next}"),
            None => Ok(()),
        }
    })
}

/// An account's name stands for the account; whatever is an actor's word already is taken as it is.
fn actor(who: &str) -> String {
    let is_word = who.contains(':') || matches!(who, "daemon" | "patient" | "visitor");
    if is_word { who.to_owned() } else { format!("staff:{who}") }
}

fn at(event: &AuditEvent) -> Timestamp {
    columns::instant(event.at)
}

fn document(event: &AuditEvent) -> Value {
    let detail: Value = serde_json::from_str(&event.detail).unwrap_or_default();
    json!({
        "id": event.id, "at": at(event).to_string(), "actor": event.actor, "action": event.action,
        "subject": event.subject, "detail": detail,
    })
}

/// As a person reads it: the facts with their names, no JSON.
fn row(event: &AuditEvent) -> [String; 6] {
    let detail: serde_json::Map<String, Value> = serde_json::from_str(&event.detail).unwrap_or_default();
    let fact = |(name, value): (&String, &Value)| match value {
        Value::Null => None,
        Value::String(text) => Some(format!("{name}={text}")),
        other => Some(format!("{name}={other}")),
    };
    [
        event.id.to_string(),
        at(event).to_string(),
        event.actor.clone(),
        event.action.clone(),
        event.subject.clone(),
        detail.iter().filter_map(fact).collect::<Vec<_>>().join(" "),
    ]
}
