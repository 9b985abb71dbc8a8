//! One kind of letter: on a phone, on a desk, in the dark, and as text.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use super::sample_query::{Sample, SampleQuery};
use crate::letter::proof::samples;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::headers::Framing;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::RefusedForm;

/// The page of a kind of letter.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(query): Query<SampleQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| match Sample::of(&name, &query, signed_in) {
        Some(sample) => shown(signed_in, &sample, StatusCode::OK, &RefusedForm::default()),
        None => StatusCode::NOT_FOUND.into_response(),
    })
    .await
}

/// The page, with what is wrong with a form that was sent from it.
pub(in crate::web::console::letters::kinds) fn shown(
    signed_in: &SignedIn,
    sample: &Sample,
    status: StatusCode,
    refused: &RefusedForm,
) -> Response {
    let words = context! { refused => refused.words(), ..words(sample, signed_in) };
    let mut response = page::with_status(signed_in, status, "letter-kind", words);
    response.extensions_mut().insert(Framing::ShowsLetter);
    response
}

fn words(sample: &Sample, signed_in: &SignedIn) -> Value {
    let choice = |word: &str, text: &str, chosen: &str| context! { word, text, chosen => word == chosen };
    let languages = signed_in.app.deps.languages.iter();
    let languages: Vec<Value> =
        languages.map(|code| choice(code, language(code), &sample.language)).collect();
    let details: Vec<Value> =
        samples::DETAILS.into_iter().map(|level| choice(level, detail(level), sample.detail)).collect();
    let kinds: Vec<Value> = sample.kinds.iter().map(|one| choice(one, kind(one), sample.kind)).collect();
    let letter = match sample.written(signed_in) {
        Ok(letter) => context! {
            fault => "",
            subject => letter.subject,
            text => letter.text,
            language => letter.language,
            calendar => letter.calendar.is_some(),
        },
        Err(fault) => context! { fault => fault.to_string() },
    };
    context! {
        name => sample.title.name,
        title => sample.title.title,
        when => sample.title.when,
        languages,
        details,
        kinds,
        is_form => sample.kind == "checklist",
        no_cover => sample.no_cover,
        light => sample.query("light"),
        dark => sample.query("dark"),
        letter,
        allowed => signed_in.app.deps.trial.allow.iter().map(|to| to.expose().to_owned()).collect::<Vec<_>>(),
    }
}

fn language(code: &str) -> &str {
    match code {
        "en" => "English",
        "es" => "Spanish",
        other => other,
    }
}

fn detail(level: &str) -> &str {
    match level {
        "minimal" => "as little as possible",
        "standard" => "the usual",
        "full" => "everything",
        other => other,
    }
}

fn kind(kind: &str) -> &str {
    match kind {
        "visit" => "a visit",
        "test" => "a test",
        "checklist" => "a form",
        "leaflet" => "a text to read",
        "notice" => "news",
        "staff" => "staff",
        other => other,
    }
}
