//! Letters that wait while a restored backup is looked at: each with what is known of it, several decided at once, shown once
//! more before it is done.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::journey::errors::step::StepError;
use crate::journey::operations::restore::held_letters::{
    self, HeldEntry, HeldKind, HeldOutcome, HeldRequest,
};
use crate::store::db::transaction::View;
use crate::store::mail::delivery::DeliveryId;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page, step_words};

/// Letters on a page.
const LINES: u32 = 100;

/// Which part of the list is looked at.
#[derive(Deserialize, Clone, Copy, Default)]
pub(in crate::web::console) struct HeldQuery {
    /// After the letter of this number.
    #[serde(default)]
    after: i64,
}

/// The list of letters that wait.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(part): Query<HeldQuery>) -> Response {
    page::blocking(signed_in, move |who| listed(who, part, &RefusedForm::default())).await
}

fn listed(signed_in: &SignedIn, part: HeldQuery, refused: &RefusedForm) -> Response {
    let times = TimeFormat::from(signed_in);
    let found = signed_in.clinic().store.read(|view| {
        let mut letters = held_letters::held(view, DeliveryId(part.after), LINES + 1)?;
        let is_more = letters.len() > LINES as usize;
        letters.truncate(LINES as usize);
        let next = letters.last().filter(|_| is_more).map(|one| one.letter.id.0);
        Ok::<_, StepError>(context! {
            lines => letters.iter().map(|one| line(one, &times)).collect::<Vec<_>>(),
            kinds => kinds(view)?,
            next,
            is_later => part.after > 0,
            decisions => HeldOutcome::ALL.map(|one| context! { word => one.word(), text => doing(one) }).to_vec(),
            refused => refused.words(),
        })
    });
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    match found {
        Ok(words) => page::with_status(signed_in, status, "held", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// How many there are of each kind.
fn kinds(view: &View<'_>) -> Result<Vec<Value>, StepError> {
    let all = held_letters::held(view, DeliveryId(0), u32::MAX)?;
    let count = |kind| all.iter().filter(|one| HeldKind::of(&one.known) == kind).count();
    let kinds = HeldKind::ALL.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0);
    Ok(kinds.map(|(kind, count)| context! { word => kind.word(), text => kind.told(), count }).collect())
}

fn line(one: &HeldEntry, times: &TimeFormat) -> Value {
    let steps = one.letter.steps.iter().map(|step| match step.split_once(' ') {
        Some((series, step)) => format!("{}: {}", machine_words::series(series), machine_words::step(step)),
        None => machine_words::step(step),
    });
    context! {
        id => one.letter.id.0,
        code => one.letter.reference.clone(),
        says => steps.collect::<Vec<_>>(),
        on => day(one.letter.local_on),
        known => HeldKind::of(&one.known).told(),
        at => one.known.at.map(|at| times.moment(at)),
        end => HeldOutcome::proposed(&one.known).map_or("You decide", doing),
        is_open => HeldOutcome::proposed(&one.known).is_none(),
    }
}

/// What becomes of a letter, on a button and in a list.
const fn doing(decision: HeldOutcome) -> &'static str {
    match decision {
        HeldOutcome::WasSent => "Counts as sent",
        HeldOutcome::Send => "Leaves when the hold ends",
        HeldOutcome::Drop => "Is dropped",
    }
}

/// What was asked for: letters by number, or all of a kind.
fn asked(view: &View<'_>, fields: &FormFields) -> Result<Vec<HeldEntry>, StepError> {
    if let Some(kind) = HeldKind::parse(fields.get("alike")) {
        return held_letters::alike(view, kind);
    }
    let ids: Vec<i64> = fields.all("one").filter_map(|id| id.parse().ok()).collect();
    let mut all = held_letters::held(view, DeliveryId(0), u32::MAX)?;
    all.retain(|one| ids.contains(&one.letter.id.0));
    Ok(all)
}

/// Shows once more what was chosen, or, confirmed, does it.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let decision = HeldOutcome::parse(fields.get("decision"));
    let found = signed_in.clinic().store.read(|view| asked(view, &fields));
    let letters = match found {
        Ok(letters) => letters,
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    let mut faults = Vec::new();
    if letters.is_empty() {
        faults.push(FieldFault::new("one", "Tick at least one letter, or choose all of a kind."));
    }
    if decision.is_none() {
        faults.push(FieldFault::new("decision", "Choose what becomes of them."));
    }
    let Some(decision) = decision.filter(|_| faults.is_empty()) else {
        let refused = RefusedForm::new(&fields, faults);
        return page::blocking(signed_in, move |who| listed(who, HeldQuery::default(), &refused)).await;
    };
    if fields.get("sure").is_empty() {
        let (kind, ids) = (fields.get("alike").to_owned(), letters);
        return page::blocking(signed_in, move |who| check(who, &ids, decision, &kind)).await;
    }
    let ask = HeldRequest { letters: letters.iter().map(|one| one.letter.id).collect(), decision };
    match held_letters::decide_from_page(signed_in.clinic(), signed_in.stamp(), ask).await {
        Ok(_) => page::saved(&signed_in, "/restored", Notice::HeldDecided),
        Err(fault @ StepError::Store(_)) => page::failed(&signed_in, &fault),
        Err(fault) => {
            let refused = RefusedForm::new(&fields, vec![step_words::beside("one", &fault)]);
            page::blocking(signed_in, move |who| listed(who, HeldQuery::default(), &refused)).await
        }
    }
}

fn check(signed_in: &SignedIn, letters: &[HeldEntry], decision: HeldOutcome, alike: &str) -> Response {
    let times = TimeFormat::from(signed_in);
    let words = context! {
        lines => letters.iter().take(LINES as usize).map(|one| line(one, &times)).collect::<Vec<_>>(),
        count => letters.len(),
        ids => if alike.is_empty() { letters.iter().map(|one| one.letter.id.0).collect() } else { Vec::new() },
        alike,
        decision => decision.word(),
        doing => doing(decision),
    };
    page::render(signed_in, "held-check", words)
}
