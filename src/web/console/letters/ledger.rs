//! The ledger: every letter and what became of it (P1).

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::delivery::{Arrival, DeliveryState};
use crate::care::permission::Act;
use crate::journey::outbox::retry::{self, RetryEnd};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::work::worklist::{LedgerFilter, LedgerLine};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::prose::{letter_state, prose};
use crate::web::console::layout::time_format::{TimeFormat, day, plain};
use crate::web::console::layout::{machine_words, page};

/// Lines on a page.
const LINES: u32 = 200;
/// Letters that fit are counted up to so many.
const COUNTED: u32 = 10_000;

/// What is looked for.
#[derive(Deserialize)]
pub(in crate::web::console) struct LedgerQuery {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    since: String,
}

/// The ledger, newest first.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<LedgerQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &ask) {
        Ok(words) => page::render(signed_in, "ledger", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    })
    .await
}

fn words(signed_in: &SignedIn, ask: &LedgerQuery) -> Result<Value, StoreError> {
    let given = |word: &str| Some(word.trim().to_owned()).filter(|word| !word.is_empty());
    // Without a day to begin with, the last month is enough to look at.
    let times = TimeFormat::from(signed_in);
    let today = times.today();
    let since = ask.since.trim().parse().unwrap_or_else(|_| today.saturating_sub(jiff::Span::new().days(30)));
    let filter = LedgerFilter {
        reference: given(&ask.code),
        state: given(&ask.state).filter(|word| DeliveryState::parse(word).is_some()),
        since: Some(since),
        limit: LINES,
    };
    let most = LedgerFilter { limit: COUNTED, ..filter.clone() };
    let (lines, size) = signed_in.clinic().store.read(|view| {
        let lines = view.ledger(&filter)?;
        let lines: Vec<Value> = lines.iter().rev().map(|one| line(view, one, signed_in, &times)).collect();
        Ok::<_, StoreError>((lines, view.ledger_size(&most)?))
    })?;
    Ok(context! {
        code => ask.code.trim(),
        state => filter.state.unwrap_or_default(),
        since => since.to_string(),
        states => DeliveryState::ALL.iter().map(|state| context! { word => state.word(), text => letter_state(*state) })
            .collect::<Vec<_>>(),
        hidden => size.saturating_sub(LINES),
        more => size == COUNTED,
        lines,
    })
}

/// One letter in a list. Of one that failed, what sending it again would do.
pub(in crate::web::console) fn line(
    view: &View<'_>,
    line: &LedgerLine,
    signed_in: &SignedIn,
    times: &TimeFormat,
) -> Value {
    let letter = &line.delivery;
    context! {
        id => letter.id.0,
        day => day(letter.local_on),
        at => letter.ended_at.or(letter.first_tried_at).or(letter.next_at).map(|at| times.moment(at)),
        to => view.rung_of_letter(letter.id).ok().flatten(),
        about => view.case_of_letter(letter.id).ok().flatten(),
        code => line.reference.clone(),
        what => if line.steps.is_empty() { plain(letter.purpose.word()) } else { machine_words::steps(&line.steps) },
        state => letter_state(letter.state),
        arrival => letter.arrival().map(Arrival::word),
        reason => line.why().map(prose),
        retry => retry_offer(view, letter, signed_in, times),
    }
}

/// What sending a failed letter again would do, for whom the table lets do it: whether it goes, and the words for it.
pub(in crate::web::console) fn retry_offer(
    view: &View<'_>,
    letter: &Delivery,
    signed_in: &SignedIn,
    times: &TimeFormat,
) -> Option<Value> {
    let offers = letter.state == DeliveryState::Failed && signed_in.who.role.may(Act::RetryLetter);
    offers.then(|| again(view, letter.id, signed_in, times))
}

fn again(view: &View<'_>, id: DeliveryId, signed_in: &SignedIn, times: &TimeFormat) -> Value {
    let end = retry::outlook_of(view, id, signed_in.stamp().at, signed_in.clinic());
    let (goes, words) = match end {
        Ok(RetryEnd::Again(at)) => {
            (true, format!("It leaves {} or later, under the same Message-ID.", times.moment(at)))
        }
        Ok(RetryEnd::With(other)) => {
            (true, format!("What it says travels with letter {}, which waits.", other.0))
        }
        Ok(RetryEnd::Stays(why)) => (false, format!("Not sent again: {why}.")),
        Err(fault) => (false, format!("Not sent again: {fault}.")),
    };
    context! { goes, words => prose(&words) }
}
