//! Records whose time is over, a page at a time, and those that wait for a second person.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use super::erase::asked_words;
use crate::care::patient::PatientId;
use crate::care::record::retention::{Erasability, RetentionPeriods};
use crate::journey::commands::retention::erasure::{self, OverdueRecord};
use crate::journey::errors::step::StepError;
use crate::journey::patients::erase;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::day;
use crate::web::console::settings::forms::retention;

/// So many requests stand above the list.
const ASKED: u32 = 50;

/// Which page of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::console) struct RetentionQuery {
    /// The row after which it begins.
    after: Option<i64>,
}

/// Shows whose time is over, and who waits for a second person.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Query(ask): Query<RetentionQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &ask) {
        Ok(words) => page::render(signed_in, "retention", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, ask: &RetentionQuery) -> Result<Value, StepError> {
    let clinic = signed_in.clinic();
    let page = erasure::overdue(clinic, PatientId(ask.after.unwrap_or_default()), signed_in.now)?;
    let asked = clinic.store.read(|view| view.erasures_asked(ASKED))?;
    let asked = asked.iter().filter(|(one, _)| erase::is_open(one, signed_in.now));
    let asked = asked.map(|(one, code)| context! { code => code.clone(), ..asked_words(signed_in, one) });
    Ok(context! {
        says => retention::told(&clinic.policy.retention),
        decided => clinic.policy.retention != RetentionPeriods::default(),
        asked => asked.collect::<Vec<_>>(),
        rows => page.records.iter().map(row).collect::<Vec<_>>(),
        is_first => ask.after.is_none(),
        next => page.next.map(|next| next.0),
    })
}

fn row(one: &OverdueRecord) -> Value {
    let since = match one.verdict.erasability {
        Erasability::Since(on) => day(on),
        _ => String::new(),
    };
    context! {
        code => one.patient.reference.as_str(),
        name => one.patient.name.expose(),
        status => machine_words::status_name(one.patient.status),
        last => day(one.verdict.age.last_contact_on),
        since,
        asked => one.is_asked,
    }
}
