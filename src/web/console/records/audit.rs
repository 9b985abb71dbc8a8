//! The audit's newest events, and whether the chain holds (P12). For leads and above.

use std::collections::BTreeMap;

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::patient::PatientId;
use crate::store::audit;
use crate::store::db::columns::instant;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::{TimeFormat, plain};
use crate::web::console::layout::{machine_words, page};

/// Events on the page.
const EVENTS: u32 = 100;

/// Whether the whole chain is to be walked.
#[derive(Deserialize)]
pub(in crate::web::console) struct AuditQuery {
    verify: Option<String>,
}

/// The newest events; with `?verify` also what a walk along the whole chain says.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<AuditQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let verdict = ask.verify.as_ref().map(|_| verdict(signed_in));
        match events(signed_in) {
            Ok(events) => page::render(signed_in, "audit", context! { events, verdict }),
            Err(fault) => page::failed(signed_in, &fault.into()),
        }
    })
    .await
}

fn verdict(signed_in: &SignedIn) -> String {
    match signed_in.clinic().store.read(audit::verify) {
        Ok(chain) => format!("The chain holds: {} events, none missing, none altered.", chain.last),
        Err(fault) => format!("The chain does not hold: {fault}"),
    }
}

/// The case code of the patient whom an event is about.
fn case_code(view: &View<'_>, subject: &str) -> Option<String> {
    let id = subject.strip_prefix("patient/")?.parse().ok()?;
    view.patient(PatientId(id)).ok().map(|patient| patient.reference.as_str().to_owned())
}

/// The page of what an event is about, where there is one.
fn link(subject: &str) -> Option<String> {
    let (kind, which) = subject.split_once('/')?;
    let page = match kind {
        "alert" => "alerts",
        "task" => "tasks",
        "delivery" => "letters",
        "response" => "answers",
        _ => return None,
    };
    which.parse::<i64>().ok().map(|id| format!("/{page}/{id}"))
}

/// The further facts of an event, one line each.
fn facts(detail: &str, times: &TimeFormat) -> Vec<String> {
    let known: BTreeMap<String, serde_json::Value> = serde_json::from_str(detail).unwrap_or_default();
    let fact = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::Null => None,
        value => Some(format!("{}: {}", plain(&name), said(&value, times))),
    };
    known.into_iter().filter_map(fact).collect()
}

/// Whether a fact names what another event is about, e.g. `patient/1`.
fn is_subject(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, id)| {
        id.parse::<i64>().is_ok() && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    })
}

/// A value of a fact in words: lists and what belongs together with commas.
fn said(value: &serde_json::Value, times: &TimeFormat) -> String {
    match value {
        serde_json::Value::String(text) => match text.parse() {
            Ok(at) => times.moment(at),
            Err(_) if is_subject(text) => machine_words::subject(text),
            Err(_) => prose(text),
        },
        serde_json::Value::Bool(true) => "yes".to_owned(),
        serde_json::Value::Bool(false) => "no".to_owned(),
        serde_json::Value::Null => "nothing".to_owned(),
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::Array(all) => {
            all.iter().map(|one| said(one, times)).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::Object(parts) => {
            let part = |(name, value): (&String, &serde_json::Value)| {
                format!("{} {}", plain(name), said(value, times))
            };
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        }
    }
}

fn events(signed_in: &SignedIn) -> Result<Vec<Value>, StoreError> {
    let times = TimeFormat::of(signed_in);
    let (events, codes) = signed_in.clinic().store.read(|view| {
        let events = view.last_events(EVENTS)?;
        let codes: Vec<Option<String>> = events.iter().map(|event| case_code(view, &event.subject)).collect();
        Ok::<_, StoreError>((events, codes))
    })?;
    let shown = events.into_iter().zip(codes).map(|(event, code)| {
        context! {
            id => event.id,
            code,
            at => times.moment(instant(event.at)),
            actor => machine_words::person(&event.actor),
            what => machine_words::event(&event.action),
            about => machine_words::subject(&event.subject),
            link => link(&event.subject),
            facts => facts(&event.detail, &times),
            raw => format!("{} {}", event.action, event.subject),
        }
    });
    Ok(shown.collect())
}
