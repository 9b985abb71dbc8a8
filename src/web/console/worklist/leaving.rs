//! What leaves today and tomorrow: how many of each kind, and which.

use axum::extract::Query;
use axum::response::Response;
use jiff::Timestamp;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::plan::protocol::FollowUpKind;
use crate::store::db::columns::millis;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::Purpose;
use crate::store::mail::outlook::{FallingDue, OutlookDays, OutlookPage, OutlookPlace};
use crate::store::work::worklist::LedgerLine;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{machine_words, page};
use crate::web::console::letters::ledger;
use crate::web::console::worklist::call_lines::caller;

/// Lines on a page.
const LINES: u32 = 50;
/// The kind of the list that holds follow-ups.
const DUE: &str = "due";

/// Which list is looked at, and from where on.
#[derive(Deserialize)]
pub(in crate::web::console) struct LeavingQuery {
    /// A purpose of letters, or `due` for follow-ups.
    #[serde(default)]
    kind: String,
    /// Milliseconds of the last line seen.
    at: Option<i64>,
    /// The row of the last line seen.
    id: Option<i64>,
}

/// Shows a page of what leaves until the end of tomorrow.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<LeavingQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        signed_in.listed("leaving");
        match signed_in.clinic().store.read(|view| words(view, signed_in, &ask)) {
            Ok(words) => page::render(signed_in, "leaving", words),
            Err(fault) => page::failed(signed_in, &fault.into()),
        }
    })
    .await
}

/// How many letters wait and how many follow-ups fall due, today and tomorrow.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn counts(view: &View<'_>, times: &TimeFormat) -> Result<Vec<Value>, StoreError> {
    let days = days(times);
    let letters = view.letters_ahead(days)?;
    let letters = letters.iter().filter(|one| one.kind != Purpose::Canary);
    let letters = letters.map(|one| {
        let (today, tomorrow, kind) = (one.today, one.tomorrow, one.kind.word());
        context! { what => letters_of(one.kind), today, tomorrow, kind }
    });
    let due = view.follow_ups_ahead(days)?;
    let due = due.iter().map(|one| {
        let (today, tomorrow) = (one.today, one.tomorrow);
        context! { what => due_of(one.kind), today, tomorrow, kind => DUE }
    });
    Ok(letters.chain(due).collect())
}

fn days(times: &TimeFormat) -> OutlookDays {
    OutlookDays { today_until: times.midnight(1), tomorrow_until: times.midnight(2) }
}

const fn letters_of(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Reminders => "Letters of the follow-up plan, ready to leave",
        Purpose::Notice => "Letters about a date or a link, ready to leave",
        Purpose::Alert => "Alerts to staff",
        Purpose::Digest => "The last day, for whoever runs the program",
        Purpose::Canary => "The daily test",
    }
}

const fn due_of(kind: FollowUpKind) -> &'static str {
    match kind {
        FollowUpKind::Visit => "Visits with something due",
        FollowUpKind::Test => "Tests with something due",
        FollowUpKind::Checklist => "Checklists with something due",
        FollowUpKind::Leaflet => "Leaflets due",
    }
}

fn words(view: &View<'_>, signed_in: &SignedIn, ask: &LeavingQuery) -> Result<Value, StoreError> {
    let times = TimeFormat::from(signed_in);
    let after = ask.at.zip(ask.id).map(|(at_ms, id)| OutlookPlace { at_ms, id });
    let is_later = after.is_some();
    let page = OutlookPage { until: times.midnight(2), after: after.unwrap_or_default(), limit: LINES };
    let purpose = Purpose::parse(&ask.kind);
    let (lines, next): (Result<Vec<Value>, StoreError>, _) = match purpose {
        None => {
            let due = view.follow_ups_ahead_page(page)?;
            let next = due.next().map(|one| (one.at, one.id.0));
            (due.rows.iter().map(|one| falling(view, one, &times)).collect(), next)
        }
        Some(purpose) => {
            let letters = view.letters_ahead_page(purpose, page)?;
            let at =
                |line: &LedgerLine| (line.delivery.next_at.unwrap_or(Timestamp::MIN), line.delivery.id.0);
            let next = letters.next().map(at);
            (letters.rows.iter().map(|one| letter(view, one, signed_in)).collect(), next)
        }
    };
    let kind = purpose.map_or(DUE, Purpose::word);
    Ok(context! {
        counts => counts(view, &times)?,
        kind,
        title => purpose.map_or("What falls due", letters_of),
        lines => lines?,
        next => next.map(|(at, id)| format!("/leaving?kind={kind}&at={}&id={id}", millis(at))),
        first => is_later.then(|| format!("/leaving?kind={kind}")),
    })
}

fn falling(view: &View<'_>, one: &FallingDue, times: &TimeFormat) -> Result<Value, StoreError> {
    let code = view.patient(one.patient).map(|patient| patient.reference.as_str().to_owned()).ok();
    Ok(context! {
        at => times.moment(one.at),
        code,
        who => caller(view, one.patient, times)?,
        what => machine_words::series(&one.series),
        letter => (),
    })
}

fn letter(view: &View<'_>, one: &LedgerLine, signed_in: &SignedIn) -> Result<Value, StoreError> {
    let times = TimeFormat::from(signed_in);
    let delivery = &one.delivery;
    let who = delivery.patient.map(|patient| caller(view, patient, &times)).transpose()?;
    let line = ledger::line(view, one, signed_in, &times);
    Ok(context! {
        at => delivery.next_at.map(|at| times.moment(at)),
        code => one.reference.clone(),
        who,
        letter => delivery.id.0,
        ..line
    })
}
