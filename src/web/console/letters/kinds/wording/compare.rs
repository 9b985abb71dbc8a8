//! Two versions of a letter's words side by side; version 0 is what ships.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use super::compare_texts::marked;
use super::text_fields::label;
use super::worded_letter::WordedLetter;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// Which two: what ships and what counts, where the address does not say.
#[derive(Debug, Deserialize)]
pub(in crate::web::console) struct CompareWordings {
    language: Option<String>,
    a: Option<i64>,
    b: Option<i64>,
}

/// One of the two.
struct ComparedWording {
    name: String,
    texts: BTreeMap<String, String>,
}

/// Both, with what differs marked.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(ask): Query<CompareWordings>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let language = ask.language.clone().unwrap_or_default();
        let worded = match WordedLetter::read(signed_in, &name, &language) {
            Ok(Some(worded)) => worded,
            Ok(None) => return StatusCode::NOT_FOUND.into_response(),
            Err(fault) => return page::failed(signed_in, &fault),
        };
        match words(signed_in, &worded, &ask) {
            Ok(words) => page::render(signed_in, "letter-wording-compare", words),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn words(signed_in: &SignedIn, worded: &WordedLetter, ask: &CompareWordings) -> Result<Value, StepError> {
    let (a, b) = (version(signed_in, worded, ask.a)?, version(signed_in, worded, ask.b.or(worded.seen()))?);
    let mut names = worded.texts();
    let gone = a.texts.keys().chain(b.texts.keys()).filter(|name| !names.contains(name));
    let gone: Vec<String> = gone.cloned().collect();
    names.extend(gone);
    let said = |one: &ComparedWording, name: &str| {
        one.texts.get(name).map_or_else(|| worded.shipped(name).to_owned(), String::clone)
    };
    let row = |name: &String| {
        let (left, right) = (said(&a, name), said(&b, name));
        let differs = left.trim_end() != right.trim_end();
        context! { label => label(name), differs, a => marked(&left, &right), b => marked(&right, &left) }
    };
    Ok(context! {
        letter => worded.letter,
        language => worded.language.clone(),
        title => worded.title().0,
        a => a.name.clone(),
        b => b.name.clone(),
        rows => names.iter().map(row).collect::<Vec<_>>(),
    })
}

fn version(
    signed_in: &SignedIn,
    worded: &WordedLetter,
    id: Option<i64>,
) -> Result<ComparedWording, StepError> {
    let Some(id) = id.filter(|id| *id != 0) else {
        return Ok(ComparedWording { name: "as shipped".to_owned(), texts: BTreeMap::new() });
    };
    let store = &signed_in.clinic().store;
    let found = store.read(|view| view.own_wording_version(worded.letter, &worded.language, id))?;
    let at = TimeFormat::from(signed_in).moment(found.set_at);
    let name =
        format!("version {id}, by {}, {at}", ReaderWords::of(&signed_in.language).person(&found.set_by));
    Ok(ComparedWording { name, texts: found.own.texts })
}
