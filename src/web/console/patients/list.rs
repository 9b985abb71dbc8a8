//! Patients by name, birth date, case code, telephone number or address, and by what is the matter. What is typed is personal: it travels in the
//! body of a POST, is never logged, and the page is kept nowhere (P10).

use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::patient::{Patient, PatientStatus, Reference};
use crate::care::record::search_term::SearchTerm;
use crate::journey::protocols::in_force::in_force;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::patient_group::PatientGroup;
use crate::store::people::patient_search::PatientFilter;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::machine_words;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::day;
use crate::web::console::patients::response;
use crate::web::console::protocols::list::title_for;

/// Patients on a page.
const LISTED: u32 = 50;

/// What a link may ask for: nothing of it is personal.
#[derive(Deserialize)]
pub(in crate::web::console) struct PatientQuery {
    /// A case code, or the beginning of one.
    #[serde(default)]
    code: String,
    /// After whom the page begins, by case code.
    #[serde(default)]
    after: String,
    /// A group by its word.
    #[serde(default)]
    show: String,
    /// A protocol by name.
    #[serde(default)]
    protocol: String,
}

/// What the list is asked for.
struct ListRequest {
    typed: String,
    after: String,
    show: String,
    protocol: String,
}

/// The list; a whole case code leads to its page.
pub(in crate::web::console) async fn list(signed_in: SignedIn, Query(ask): Query<PatientQuery>) -> Response {
    let PatientQuery { code, after, show, protocol } = ask;
    let ask = ListRequest { typed: code.trim().to_owned(), after, show, protocol };
    page::blocking(signed_in, move |signed_in| listed(signed_in, &ask)).await
}

/// The list for what was typed.
pub(in crate::web::console) async fn search(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let field = |name| fields.get(name).to_owned();
    let ask = ListRequest {
        typed: field("q"),
        after: field("after"),
        show: field("show"),
        protocol: field("protocol"),
    };
    page::blocking(signed_in, move |signed_in| listed(signed_in, &ask)).await
}

fn listed(signed_in: &SignedIn, ask: &ListRequest) -> Response {
    if let Ok(reference) = Reference::parse(&ask.typed)
        && signed_in.clinic().store.read(|view| has_page(view, &reference)).unwrap_or(false)
    {
        return Redirect::to(&format!("/patients/{}", reference.in_path())).into_response();
    }
    match signed_in.clinic().store.read(|view| words(view, signed_in, ask)) {
        Ok(words) => page::render(signed_in, "patients", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

/// Whether a case code leads somewhere: to a record, or to the page that says that it was erased.
fn has_page(view: &View<'_>, reference: &Reference) -> Result<bool, StoreError> {
    Ok(view.is_known(reference)? || view.erased_under(reference)?.is_some())
}

fn words(view: &View<'_>, signed_in: &SignedIn, ask: &ListRequest) -> Result<Value, StoreError> {
    let after = match Reference::parse(&ask.after) {
        Ok(reference) => Some(view.patient_by_reference(&reference)?.id),
        Err(_) => None,
    };
    let group = PatientGroup::parse(&ask.show);
    let protocol = Some(ask.protocol.clone()).filter(|name| !name.is_empty());
    let term = SearchTerm::parse(&ask.typed, signed_in.app.deps.says.region.as_deref());
    let is_narrowed = term.is_some() || group.is_some() || protocol.is_some();
    let page = view.patient_page(&PatientFilter { term, group, protocol, after, limit: LISTED })?;
    let last = page.patients.last().filter(|_| page.next.is_some());
    let statuses = PatientStatus::ALL.map(PatientGroup::Status).map(option);
    Ok(context! {
        typed => ask.typed.clone(),
        show => group.map(PatientGroup::word),
        protocol => ask.protocol.clone(),
        protocols => protocols(view, signed_in)?,
        groups => PatientGroup::MATTERS.map(option).to_vec(),
        statuses => statuses.to_vec(),
        counts => if is_narrowed || after.is_some() { Vec::new() } else { counts(view)? },
        is_narrowed,
        is_first => after.is_none(),
        next => last.map(|patient| patient.reference.as_str().to_owned()),
        listed => page.patients.iter().map(line).collect::<Vec<_>>(),
    })
}

fn option(group: PatientGroup) -> Value {
    context! { word => group.word(), text => group_text(group) }
}

/// The groups that say what is the matter, with how many are in each where that is known at once.
fn counts(view: &View<'_>) -> Result<Vec<Value>, StoreError> {
    let count = |group: PatientGroup| {
        let count = match group {
            PatientGroup::WithoutContact => None,
            group => Some(view.patients_in(group)?),
        };
        Ok(context! { count, ..option(group) })
    };
    PatientGroup::MATTERS.into_iter().map(count).collect()
}

/// The protocols that somebody is on, by title where it is one of those in force.
fn protocols(view: &View<'_>, signed_in: &SignedIn) -> Result<Vec<Value>, StoreError> {
    let clinic = signed_in.clinic();
    // A database that cannot be read says so at the next question.
    let known = in_force(view, clinic).unwrap_or_default();
    let titled = view.patients_by_protocol()?.into_iter().map(|one| {
        let title = known.get(&one.protocol);
        let title = title.map(|known| title_for(signed_in, &known.protocol.title, Some(known.origin)));
        context! { title, id => one.protocol, patients => one.patients }
    });
    Ok(titled.collect())
}

fn line(patient: &Patient) -> Value {
    context! { paused_until => patient.paused_until.map(day), ..response::patient(patient) }
}

/// What a group is called on the page.
fn group_text(group: PatientGroup) -> String {
    match group {
        PatientGroup::Silent => "silent after every reminder".to_owned(),
        PatientGroup::Unreachable => "cannot be written to".to_owned(),
        PatientGroup::WithoutContact => "no next date and no task".to_owned(),
        PatientGroup::Status(status) => machine_words::status_name(status),
    }
}
