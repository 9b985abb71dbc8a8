//! From whom an answer is awaited, the longest and riskiest silence first: with her name and the number to ring.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::checklist::silence::Reach;
use crate::journey::answers::nonresponse::{self, ListPage, Ranked};
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::worklist::call_lines::caller;

/// Silent patients on a page: as many as a person can ring in a week.
const PAGE: u32 = 40;

/// Which part of the list is looked at.
#[derive(Deserialize)]
pub(in crate::web::console) struct SilenceQuery {
    /// How many lines are passed over; those before were seen.
    #[serde(default)]
    skip: u32,
}

/// The whole list, a page at a time.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<SilenceQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        signed_in.listed("silence");
        match words(signed_in, ListPage { limit: PAGE, skip: ask.skip }) {
            Ok(silence) => page::render(signed_in, "silence", context! { silence }),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// A page of those from whom an answer is awaited.
///
/// # Errors
/// [`StepError`] when the store fails.
pub(in crate::web::console) fn words(signed_in: &SignedIn, list: ListPage) -> Result<Value, StepError> {
    let found = nonresponse::silent(signed_in.clinic(), signed_in.now, list)?;
    let times = TimeFormat::from(signed_in);
    let shown = signed_in.clinic().store.read(|view| {
        let line = |one: &Ranked| {
            Ok(context! {
                who => caller(view, one.silence.patient, &times)?,
                code => one.silence.reference.clone(),
                days => one.days,
                unanswered => one.silence.unanswered,
                reach => reach(one.silence.reach),
            })
        };
        found.ranked.iter().map(line).collect::<Result<Vec<_>, StepError>>()
    })?;
    let seen = list.skip.saturating_add(list.limit);
    Ok(context! {
        shown,
        total => found.total,
        next => (seen < found.total).then_some(seen),
        is_later => list.skip > 0,
    })
}

const fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::NotSent => "no letter for this form has left yet",
        Reach::Bounced => "the newest letter came back",
        Reach::Accepted => "the newest letter was delivered",
        Reach::Opened => "she opened the newest form",
        Reach::HalfDone => "she left the newest form half-way",
    }
}
