//! The ledger: every letter and what became of it (P1).

use axum::extract::Query;
use axum::response::Response;
use jiff::civil::Date;
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
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day, plain};
use crate::web::console::layout::{machine_words, page};

/// Lines on a page.
const LINES: u32 = 200;
/// Letters that fit are counted up to so many.
const COUNTED: u32 = 10_000;

/// What is wrong with a day that is none.
const NO_DAY: &str = "Write the day as year-month-day, like 2027-02-28.";

/// What is looked for.
#[derive(Deserialize)]
pub(in crate::web::console) struct LedgerQuery {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    /// Nothing at all where the list was opened without looking for anything; empty where everything is wanted.
    since: Option<String>,
}

impl LedgerQuery {
    /// From which day on, or what is wrong with it. Whoever looks for nothing in particular gets the last month.
    fn day(&self, today: Date) -> Result<Option<Date>, FieldFault> {
        match self.since.as_deref().map(str::trim) {
            None if self.code.trim().is_empty() => Ok(Some(today.saturating_sub(jiff::Span::new().days(30)))),
            None | Some("") => Ok(None),
            Some(written) => written.parse().map(Some).map_err(|_| FieldFault::new("since", NO_DAY)),
        }
    }
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
    let times = TimeFormat::from(signed_in);
    let (since, refused) = match ask.day(times.today()) {
        Ok(since) => (since, RefusedForm::default()),
        Err(fault) => (None, RefusedForm::of_faults(vec![fault])),
    };
    let filter = LedgerFilter {
        reference: given(&ask.code),
        state: given(&ask.state).filter(|word| DeliveryState::parse(word).is_some()),
        since,
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
        since => since.map(|on| on.to_string()).unwrap_or_default(),
        from => since.map(day),
        refused => refused.words(),
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
