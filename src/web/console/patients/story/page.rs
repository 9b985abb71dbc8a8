//! The picture and the list of a patient's story.

use axum::extract::{Path, Query};
use axum::response::Response;
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{events, picture};
use crate::care::patient::Patient;
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::db::transaction::View;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::patients::by_reference;
use crate::web::locale::reader::ReaderWords;

/// Events on a page of the list.
const LISTED: usize = 50;

/// Which page of the list.
#[derive(Deserialize)]
pub(in crate::web::console) struct StoryQuery {
    /// How many of the newest are left out.
    #[serde(default)]
    skip: usize,
}

/// The whole story: picture and list.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(reference): Path<String>,
    Query(ask): Query<StoryQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        by_reference::of(signed_in, &reference, |patient| {
            signed_in.saw(ViewedPage::Patient, patient.reference.as_str());
            let words = signed_in.clinic().store.read(|view| listed(view, patient, signed_in, ask.skip));
            match words {
                Ok(words) => page::render(signed_in, "story", words),
                Err(fault) => page::failed(signed_in, &fault),
            }
        })
    })
    .await
}

fn listed(view: &View<'_>, patient: &Patient, signed_in: &SignedIn, skip: usize) -> Result<Value, StepError> {
    let (reader, today) = (ReaderWords::of(&signed_in.language), TimeFormat::from(signed_in).today());
    let events = events::read(view, patient, &reader, today)?;
    let line = |event: &events::StoryEvent| {
        context! {
            on => day(event.on),
            ahead => event.on > today,
            what => event.what.clone(),
            more => event.more.clone(),
            link => event.link.clone(),
        }
    };
    let shown: Vec<Value> = events.iter().rev().skip(skip).take(LISTED).map(line).collect();
    Ok(context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        picture => picture_words(&events, today, &reader),
        older => (skip + shown.len() < events.len()).then_some(skip + LISTED),
        newer => (skip > 0).then(|| skip.saturating_sub(LISTED)),
        count => events.len(),
        shown,
    })
}

/// The picture alone, for her page.
pub(in crate::web::console) fn drawn(
    view: &View<'_>,
    patient: &Patient,
    signed_in: &SignedIn,
) -> Result<Value, StepError> {
    let (reader, today) = (ReaderWords::of(&signed_in.language), TimeFormat::from(signed_in).today());
    Ok(picture_words(&events::read(view, patient, &reader, today)?, today, &reader))
}

/// The picture is our own markup, with every word in it escaped.
fn picture_words(events: &[events::StoryEvent], today: Date, reader: &ReaderWords) -> Value {
    Value::from_safe_string(picture::svg(events, today, reader))
}
