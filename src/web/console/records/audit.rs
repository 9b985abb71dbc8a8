//! The audit (P12), for leads and above: what was done, by whom, about what, a page at a time; and whether the chain holds.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use super::audit_check::{AuditCheck, CheckRequest, CheckStage};
use super::audit_query::AuditQuery;
use super::event_words::line;
use crate::care::actor::Actor;
use crate::care::settings::setting::Setting;
use crate::journey::errors::step::StepError;
use crate::store::audit_pages::audit_topic::AuditTopic;
use crate::store::db::columns::instant;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{machine_words, page};
use crate::web::locale::reader::ReaderWords;

/// Shows the events that are looked for, the newest first.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<AuditQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &ask) {
        Ok(words) => page::render(signed_in, "audit", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// Begins a walk along the whole chain; while one runs, its progress is shown instead.
pub(in crate::web::console) async fn check(SignedPost { signed_in, .. }: SignedPost) -> Response {
    page::blocking(signed_in, |signed_in| {
        let request = CheckRequest { by: signed_in.who.name.clone(), asked_at: signed_in.now };
        match signed_in.console.audit_checks.begin(signed_in.clinic(), request) {
            Ok(()) => Redirect::to("/audit?watch=yes#check").into_response(),
            Err(fault) => {
                tracing::error!(%fault, "a look at the audit could not begin");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    })
    .await
}

fn words(signed_in: &SignedIn, ask: &AuditQuery) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let check = signed_in.console.audit_checks.last();
    let runs = check.as_ref().is_some_and(|check| matches!(check.stage, CheckStage::Runs(_)));
    signed_in.clinic().store.read(|view| {
        let mut faults = Vec::new();
        let filter = ask.filter(view, signed_in, &mut faults);
        // A filter with a fault would show more than was asked for.
        let (events, next) = match faults.is_empty() {
            true => {
                let found = view.audit_page(&filter)?;
                let lines: Vec<Value> =
                    found.events.iter().map(|event| line(view, event, &times, &reader)).collect();
                (lines, found.next)
            }
            false => (Vec::new(), None),
        };
        Ok(context! {
            ask => ask.words(),
            narrow => ask.is_narrow(),
            refused => RefusedForm::of_faults(faults).words(),
            events => events,
            next,
            later => ask.before.is_some(),
            size => view.audit_size()?,
            actors => actors(view, &reader)?,
            kinds => kinds(view, &reader)?,
            accounts => view.staff()?.into_iter().map(|one| one.name).collect::<Vec<_>>(),
            settings => Setting::ALL.map(|one| context! { word => one.word(), text => one.title() }).to_vec(),
            check => check.map(|check| check_words(&check, &times)),
            runs,
            watches => runs && !ask.watch.is_empty(),
        })
    })
}

/// Whoever ever acted, for the list to choose from; the program last.
fn actors(view: &View<'_>, reader: &ReaderWords) -> Result<Vec<Value>, StoreError> {
    let mut actors = view.audit_actors()?;
    actors.push(Actor::Daemon.word());
    Ok(actors.into_iter().map(|actor| context! { text => reader.person(&actor), word => actor }).collect())
}

/// The kinds of events on record, under their topics.
fn kinds(view: &View<'_>, reader: &ReaderWords) -> Result<Vec<Value>, StoreError> {
    let kinds = view.audit_kinds()?;
    let of = |topic: AuditTopic| {
        let mut events: Vec<(String, &String)> = kinds
            .iter()
            .filter(|kind| AuditTopic::of(kind) == topic)
            .map(|kind| (reader.said(&machine_words::event(kind)), kind))
            .collect();
        events.sort();
        let events: Vec<Value> = events.into_iter().map(|(text, word)| context! { word, text }).collect();
        (!events.is_empty()).then(|| context! { word => topic.word(), text => topic_words(topic), events })
    };
    Ok(AuditTopic::ALL.into_iter().filter_map(of).collect())
}

const fn topic_words(topic: AuditTopic) -> &'static str {
    match topic {
        AuditTopic::Alerts => "Alerts",
        AuditTopic::Answers => "Answers and messages",
        AuditTopic::Letters => "Letters",
        AuditTopic::Patients => "Records of patients",
        AuditTopic::Dates => "Dates and follow-ups",
        AuditTopic::Tasks => "Tasks and calls",
        AuditTopic::Protocols => "Protocols and checklists",
        AuditTopic::Imports => "Imports",
        AuditTopic::Settings => "Settings",
        AuditTopic::Accounts => "Accounts and sign-in",
        AuditTopic::Program => "The program itself",
    }
}

fn check_words(check: &AuditCheck, times: &TimeFormat) -> Value {
    let (done, chain, fault) = match &check.stage {
        CheckStage::Runs(reached) => (*reached, None, None),
        CheckStage::Holds(chain) => (chain.last, Some(chain), None),
        CheckStage::Broken(reached, why) => (*reached, None, Some(why.clone())),
        CheckStage::BrokeOff(reached) => (*reached, None, None),
    };
    let since = chain.and_then(|chain| chain.since).map(|at| times.date(instant(at)));
    let head = chain.map(|chain| data_encoding::HEXLOWER.encode(&chain.hash));
    context! {
        by => check.request.by.clone(),
        at => times.moment(check.request.asked_at),
        all => check.all,
        done, since, head, fault,
        broke_off => matches!(check.stage, CheckStage::BrokeOff(_)),
    }
}
