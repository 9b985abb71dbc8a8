//! The page on which a letter is worded: each text beside the shipped one, with what `check` says of it; how the letter will look
//! and whom it touches before anything is saved; its versions. A refused form comes back with what was typed.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::super::options;
use super::unsaved_letters::UnsavedLetter;
use super::worded_letter::{LookChoice, ProposedLetter, WordedLetter};
use super::{effect, history, text_fields};
use crate::care::permission::Act;
use crate::care::settings::own_wording::OwnWording;
use crate::journey::commands::settings;
use crate::journey::errors::step::StepError;
use crate::journey::errors::wording::WordingError;
use crate::journey::settings::wording_change::WordingChange;
use crate::letter::content::Letter;
use crate::letter::own::letter_texts;
use crate::store::own_wordings::NewOwnWording;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::headers::Framing;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

const OVERTAKEN: &str = "Somebody else has worded this letter in the meantime. Above stands what counts now, in the form what you \
                         typed. Take over what you want to keep, then save to put yours in its place.";
const SAME: &str = "Nothing is different from what counts now. Please change a text, or leave it as it is.";
const NOT_LOOKED: &str = "Below is the letter as the form words it now. Look at it, then save.";

/// Which language, and from which version on the history goes.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web::console) struct WordingQuery {
    language: Option<String>,
    before: Option<i64>,
}

/// What the page shows beside what stands there.
#[derive(Default)]
struct WordingDraft {
    status: StatusCode,
    /// The texts in the form; those that count where nobody has typed anything.
    texts: Option<BTreeMap<String, String>>,
    again_of: Option<i64>,
    faults: Vec<FieldFault>,
    remark: Option<&'static str>,
    /// Whether somebody else was quicker.
    is_overtaken: bool,
    /// Of which made-up letter the look is.
    kind: String,
    detail: String,
}

/// The page on which a letter is worded.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(query): Query<WordingQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let language = query.language.clone().unwrap_or_default();
        match WordedLetter::read(signed_in, &name, &language) {
            Ok(Some(worded)) => shown(signed_in, &worded, &WordingDraft::default(), query.before),
            Ok(None) => StatusCode::NOT_FOUND.into_response(),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// Shows how what was typed will look, saves it, or takes an older version into the form.
pub(in crate::web::console) async fn submit(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let judged = page::off_thread(&signed_in, move |signed_in| judged(signed_in, &name, &fields));
    let (worded, draft, ask) = match judged.await {
        Ok(Ok(Some(judged))) => judged,
        Ok(Ok(None)) => return StatusCode::NOT_FOUND.into_response(),
        Ok(Err(fault)) => return page::failed(&signed_in, &fault),
        Err(broken) => return broken,
    };
    let Some(ask) = ask else {
        return page::blocking(signed_in, move |s| shown(s, &worded, &draft, None)).await;
    };
    let draft = match settings::word(signed_in.clinic(), signed_in.stamp(), ask).await {
        Ok(_) => {
            let at = format!("/letters/kinds/{}/wording?language={}", worded.letter, worded.language);
            return page::saved(&signed_in, &at, Notice::WordingSaved);
        }
        Err(StepError::Wording(WordingError::Overtaken)) => WordingDraft {
            status: StatusCode::CONFLICT,
            is_overtaken: true,
            remark: Some(OVERTAKEN),
            ..draft
        },
        Err(StepError::Wording(WordingError::Same)) => {
            WordingDraft { status: StatusCode::UNPROCESSABLE_ENTITY, remark: Some(SAME), ..draft }
        }
        Err(fault) => return page::failed(&signed_in, &fault),
    };
    page::blocking(signed_in, move |signed_in| {
        // What somebody else saved meanwhile is read now.
        match WordedLetter::read(signed_in, worded.letter, &worded.language) {
            Ok(Some(now)) => shown(signed_in, &now, &draft, None),
            Ok(None) => StatusCode::NOT_FOUND.into_response(),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

/// What a form asks: the letter, what the page shows of it, and the change where it may be saved.
type JudgedForm = (WordedLetter, WordingDraft, Option<WordingChange>);

fn judged(signed_in: &SignedIn, name: &str, fields: &FormFields) -> Result<Option<JudgedForm>, StepError> {
    let Some(worded) = WordedLetter::read(signed_in, name, fields.get("language"))? else { return Ok(None) };
    let act = fields.get("act");
    let mut draft = WordingDraft {
        kind: fields.get("kind").to_owned(),
        detail: fields.get("detail").to_owned(),
        again_of: fields.get("again_of").parse().ok(),
        ..WordingDraft::default()
    };
    if act == "again" {
        let id = fields.get("version").parse().unwrap_or_default();
        let store = &signed_in.clinic().store;
        let older = |id| store.read(|view| view.own_wording_version(worded.letter, &worded.language, id));
        let texts = if id == 0 { BTreeMap::new() } else { older(id)?.own.texts };
        draft.again_of = (id != 0).then_some(id);
        return Ok(Some(proved(worded, WordingDraft { texts: Some(texts), ..draft }, None)));
    }
    let texts = text_fields::typed(&worded, fields);
    let mark = mark(&texts);
    let is_save = act == "save" && fields.get("looked_at") == mark;
    draft.remark = (act == "save" && !is_save).then_some(NOT_LOOKED);
    draft.texts = Some(texts.clone());
    let new = NewOwnWording { own: worded.saying(texts), again_of: draft.again_of };
    let seen = fields.get("seen").parse().ok();
    let ask = is_save.then_some(WordingChange { new, seen });
    // A colleague may save while somebody types: whoever looks at her words is told, not only whoever saves them.
    let is_overtaken = !is_save && fields.all("seen").next().is_some() && seen != worded.seen();
    let (worded, mut draft, ask) = proved(worded, draft, ask);
    if is_overtaken {
        draft = WordingDraft { status: StatusCode::CONFLICT, is_overtaken, remark: Some(OVERTAKEN), ..draft };
    }
    Ok(Some((worded, draft, ask)))
}

/// Proves what is in the form; what does not prove is not saved.
fn proved(worded: WordedLetter, mut draft: WordingDraft, ask: Option<WordingChange>) -> JudgedForm {
    let own = worded.saying(draft.texts.clone().unwrap_or_default());
    let faults = if own.texts.is_empty() { Vec::new() } else { worded.layers.faults_of(&own) };
    draft.faults = text_fields::beside(&worded, &own, &faults);
    if draft.faults.is_empty() {
        return (worded, draft, ask);
    }
    draft.status = StatusCode::UNPROCESSABLE_ENTITY;
    draft.remark = None;
    (worded, draft, None)
}

/// What was looked at: nothing else is saved.
fn mark(texts: &BTreeMap<String, String>) -> String {
    let all = serde_json::to_string(texts).unwrap_or_default();
    data_encoding::HEXLOWER.encode(&Sha256::digest(all.as_bytes()))
}

fn shown(signed_in: &SignedIn, worded: &WordedLetter, draft: &WordingDraft, before: Option<i64>) -> Response {
    match words(signed_in, worded, draft, before) {
        Ok(words) => {
            let mut response = page::with_status(signed_in, draft.status, "letter-wording", words);
            response.extensions_mut().insert(Framing::ShowsLetter);
            response
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(
    signed_in: &SignedIn,
    worded: &WordedLetter,
    draft: &WordingDraft,
    before: Option<i64>,
) -> Result<Value, StepError> {
    let own = worded.saying(draft.texts.clone().unwrap_or_else(|| worded.own_texts()));
    let composer = worded.composer(&own);
    let proposed = ProposedLetter { worded, own: &own, composer: composer.as_ref() };
    let look = draft.texts.as_ref().map(|_| look(signed_in, &proposed, draft)).transpose()?;
    let (title, when) = worded.title();
    let kinds = worded.kinds();
    let kind = kinds.iter().find(|kind| **kind == draft.kind).or(kinds.first()).copied().unwrap_or_default();
    let detail = if draft.detail.is_empty() { "standard" } else { draft.detail.as_str() };
    let refused = RefusedForm::of_faults(draft.faults.clone());
    Ok(context! {
        letter => worded.letter,
        title,
        when,
        is_kind => letter_texts::step(worded.letter).is_some(),
        languages => options::languages(&signed_in.app.deps.languages, &worded.language),
        language => worded.language.clone(),
        kinds => options::kinds(kinds, kind),
        details => options::details(detail),
        fields => text_fields::words(&proposed),
        look,
        seen => worded.seen(),
        again_of => draft.again_of,
        remark => draft.remark,
        refused => refused.words(),
        now => draft.is_overtaken.then(|| counting(signed_in, worded)),
        set_aside => set_aside(signed_in, worded),
        waits => is_waiting(signed_in, worded),
        whose => Act::ChangeWording.whose(),
        history => history::words(signed_in, worded, before)?,
    })
}

/// The letter as it will look, and whom it touches.
fn look(
    signed_in: &SignedIn,
    proposed: &ProposedLetter<'_>,
    draft: &WordingDraft,
) -> Result<Value, StepError> {
    let ProposedLetter { worded, own, composer } = *proposed;
    let zone = &signed_in.clinic().policy.zone;
    let choice = LookChoice { kind: &draft.kind, detail: &draft.detail, zone };
    let letter = composer.and_then(|composer| worded.written(composer, &choice));
    let shown = letter.map(|letter| {
        let token = keep(signed_in, &letter);
        context! { token, subject => letter.subject, text => letter.text, calendar => letter.calendar.is_some() }
    });
    Ok(context! {
        letter => shown,
        mark => draft.faults.is_empty().then(|| mark(&own.texts)),
        effect => effect::words(signed_in, worded)?,
        as_shipped => own.texts.is_empty(),
    })
}

/// Keeps the letter for its frames; gives the word that asks for it.
fn keep(signed_in: &SignedIn, letter: &Letter) -> String {
    let mut random = [0; 16];
    signed_in.app.deps.entropy.fill(&mut random);
    let token = data_encoding::HEXLOWER.encode(&random);
    let (by, language) = (signed_in.who.name.clone(), letter.language.clone());
    let kept = UnsavedLetter { token: token.clone(), by, language, html: letter.html.clone() };
    signed_in.console.unsaved_letters.keep(kept);
    token
}

/// What counts now, for whoever was overtaken.
fn counting(signed_in: &SignedIn, worded: &WordedLetter) -> Value {
    let by =
        worded.newest.as_ref().map(|version| ReaderWords::of(&signed_in.language).person(&version.set_by));
    let at = worded.newest.as_ref().map(|version| TimeFormat::from(signed_in).moment(version.set_at));
    let own = worded.own_texts();
    let text = |name: &String| {
        let says = own.get(name).map_or_else(|| worded.of_files(name), String::as_str).trim_end();
        context! { label => text_fields::label(name), says, is_own => own.contains_key(name) }
    };
    context! { by, at, texts => worded.texts().iter().map(text).collect::<Vec<_>>() }
}

/// Why the shipped letter leaves although there are own words.
fn set_aside(signed_in: &SignedIn, worded: &WordedLetter) -> Option<Vec<String>> {
    let all = &signed_in.app.deps.set_aside;
    let is_this = |own: &OwnWording| {
        own.letter == worded.letter && own.language == worded.language && Some(own.version) == worded.seen()
    };
    let found = all.iter().find(|one| is_this(&one.own))?;
    Some(found.faults.iter().map(text_fields::sentence).collect())
}

/// Whether the daemon has not taken on yet what counts.
fn is_waiting(signed_in: &SignedIn, worded: &WordedLetter) -> bool {
    let taken = signed_in.app.deps.wordings.own(worded.letter, &worded.language);
    let counts = worded.newest.as_ref().map(|one| &one.own).filter(|own| !own.texts.is_empty());
    taken.map(|own| own.version) != counts.map(|own| own.version)
}
