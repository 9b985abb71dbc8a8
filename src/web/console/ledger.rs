//! The ledger: every letter and what became of it (P1).

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use super::face::{day, plain};
use super::show;
use super::visitor::Visitor;
use crate::care::delivery::State;
use crate::store::StoreError;
use crate::store::worklist::{LedgerFilter, LedgerLine};

/// Lines on a page.
const LINES: u32 = 200;
/// No more are counted.
const COUNTED: u32 = 10_000;

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Ask {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    since: String,
}

/// The ledger, newest first.
pub(super) async fn look(visitor: Visitor, Query(ask): Query<Ask>) -> Response {
    match words(&visitor, &ask) {
        Ok(words) => show::page(&visitor, "ledger", words),
        Err(fault) => show::failed(&visitor.rooms, &fault.into()),
    }
}

fn words(visitor: &Visitor, ask: &Ask) -> Result<Value, StoreError> {
    let given = |word: &str| Some(word.trim().to_owned()).filter(|word| !word.is_empty());
    // Without a day to begin with, the last month is enough to look at.
    let today = super::face::Face::of(visitor).today();
    let since = ask.since.trim().parse().unwrap_or_else(|_| today.saturating_sub(jiff::Span::new().days(30)));
    let filter = LedgerFilter {
        reference: given(&ask.code),
        state: given(&ask.state).filter(|word| State::parse(word).is_some()),
        since: Some(since),
        limit: LINES,
    };
    let most = LedgerFilter { limit: COUNTED, ..filter.clone() };
    let (lines, size) = visitor
        .clinic()
        .store
        .read(|view| Ok::<_, StoreError>((view.ledger(&filter)?, view.ledger_size(&most)?)))?;
    Ok(context! {
        code => ask.code.trim(),
        state => filter.state.unwrap_or_default(),
        since => since.to_string(),
        states => State::ALL.iter().map(|state| state.word()).collect::<Vec<_>>(),
        hidden => size.saturating_sub(LINES),
        more => size == COUNTED,
        lines => lines.iter().rev().map(line).collect::<Vec<_>>(),
    })
}

/// One letter in a list.
pub(super) fn line(line: &LedgerLine) -> Value {
    let letter = &line.delivery;
    context! {
        id => letter.id.0,
        day => day(letter.local_on),
        code => line.reference.clone(),
        what => if line.steps.is_empty() { plain(letter.purpose.word()) } else { line.steps.clone() },
        state => letter.state.word(),
        reason => letter.reason.clone(),
    }
}
