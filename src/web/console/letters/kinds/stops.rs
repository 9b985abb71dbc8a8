//! Letters stopped by kind: what is stopped, by whom and why, what a stop would do, and the way back.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use super::letter_names::TITLES;
use crate::care::guards::stop_kind::{KnownLetters, StopKind};
use crate::care::permission::Act;
use crate::journey::commands::guards::letter_stop::{self as commands, StopRequest};
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::letter_stop;
use crate::letter::proof::samples;
use crate::store::db::transaction::View;
use crate::store::mail::letter_stops::LetterStop;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{machine_words, page};
use crate::web::locale::reader::ReaderWords;

/// Which kind is about to be stopped.
#[derive(Default, Deserialize)]
pub(in crate::web::console) struct StopsQuery {
    #[serde(default)]
    kind: String,
}

/// Shows what is stopped, and of a kind that was chosen what stopping it would do.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<StopsQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        shown(signed_in, StatusCode::OK, &ask.kind, &RefusedForm::default())
    })
    .await
}

fn shown(signed_in: &SignedIn, status: StatusCode, kind: &str, refused: &RefusedForm) -> Response {
    let words = signed_in.clinic().store.read(|view| words(view, signed_in, kind, refused));
    match words {
        Ok(words) => page::with_status(signed_in, status, "letter-stops", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(
    view: &View<'_>,
    signed_in: &SignedIn,
    kind: &str,
    refused: &RefusedForm,
) -> Result<Value, StepError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let (stops, actor) = (view.letter_stops()?, signed_in.stamp().actor.word());
    let line = |stop: &LetterStop, waiting: Option<u32>| {
        let started = stop.started.as_ref();
        context! {
            kind => stop.kind.word(),
            title => title(&stop.kind),
            since => times.moment(stop.stopped_at),
            by => reader.person(&stop.stopped_by),
            reason => stop.reason.clone(),
            waiting,
            may_start => signed_in.who.role.may(Act::EndHold) || stop.stopped_by == actor,
            started => started.map(|(at, by)| context! { at => times.moment(*at), by => reader.person(by) }),
        }
    };
    let counted = |stop: &LetterStop| Ok(line(stop, Some(view.letters_of_kind(&stop.kind)?)));
    let chosen = match kind {
        "" => None,
        word => {
            let kind = letter_stop::kind(view, signed_in.clinic(), word)?;
            let waiting = view.letters_of_kind(&kind)?;
            Some(context! { word, title => title(&kind), waiting })
        }
    };
    let free = free(&letter_stop::known(view, signed_in.clinic())?, &stops);
    Ok(context! {
        stops => stops.iter().map(counted).collect::<Result<Vec<_>, StepError>>()?,
        over => view.letter_stops_over()?.iter().map(|stop| line(stop, None)).collect::<Vec<_>>(),
        kinds => free.iter().map(|kind| context! { word => kind.word(), title => title(kind) }).collect::<Vec<_>>(),
        chosen,
        refused => refused.words(),
    })
}

/// What can still be stopped: the groups, then letter by letter as a patient may meet them, the clinic's own last. A letter that
/// a stopped group holds back is none of them.
fn free(known: &KnownLetters, stops: &[LetterStop]) -> Vec<StopKind> {
    let place = |word: &str| TITLES.iter().position(|one| one.name == word).unwrap_or(TITLES.len());
    let mut letters: Vec<StopKind> =
        known.patients.iter().filter_map(|word| StopKind::parse(word, known).ok()).collect();
    letters.sort_by_key(|kind| place(kind.word()));
    let is_covered = |letter: &StopKind| {
        let kinds = samples::STEPS.iter().find(|(step, _)| *step == letter.word()).map(|(_, kinds)| *kinds);
        let holds = |kind: &&str| stops.iter().any(|stop| stop.kind.covers(letter.word(), kind));
        kinds.is_some_and(|kinds| kinds.iter().all(holds))
    };
    letters.retain(|letter| !is_covered(letter));
    StopKind::groups().chain(letters).filter(|kind| stops.iter().all(|stop| stop.kind != *kind)).collect()
}

/// What staff call it, as every other page does.
pub(in crate::web::console) fn title(kind: &StopKind) -> String {
    machine_words::letter(kind.word())
}

/// Stops a kind, or starts it again.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let (kind, reason) = (fields.get("kind").to_owned(), fields.note("reason"));
    let act = match fields.get("act") {
        "stop" => Act::StopLetters,
        "start" => Act::EndHold,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    if act == Act::StopLetters && reason.is_empty() {
        let fault = FieldFault::new("reason", "Say why in a few words.");
        let refused = RefusedForm::new(&fields, vec![fault]);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page::blocking(signed_in, move |signed_in| shown(signed_in, status, &kind, &refused)).await;
    }
    page::blocking(signed_in, move |signed_in| {
        let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
        let done = match act {
            Act::StopLetters => commands::stop(clinic, stamp, StopRequest { kind, reason }),
            _ => commands::start(clinic, stamp, kind),
        };
        let notice = if act == Act::StopLetters { Notice::LettersStopped } else { Notice::LettersStarted };
        match done {
            Ok(_) => page::saved(signed_in, "/letters/stops", notice),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}
