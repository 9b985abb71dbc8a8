//! One kind of letter: on a phone, on a desk, in the dark, and as text.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use super::options;
use super::sample_query::{Sample, SampleQuery};
use crate::letter::fault::LetterFault;
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

/// A fault of the words, as one sentence after another.
pub(in crate::web::console::letters::kinds) fn in_one_line(fault: &LetterFault) -> String {
    fault.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(sample: &Sample, signed_in: &SignedIn) -> Value {
    let letter = match sample.written(signed_in) {
        Ok(letter) => context! {
            fault => "",
            subject => letter.subject,
            text => letter.text,
            language => letter.language,
            calendar => letter.calendar.is_some(),
        },
        Err(fault) => context! { fault => in_one_line(&fault) },
    };
    context! {
        name => sample.title.name,
        title => sample.title.title(),
        when => sample.title.when,
        languages => options::languages(&signed_in.app.deps.languages, &sample.language),
        details => options::details(sample.detail),
        kinds => options::kinds(sample.kinds, sample.kind),
        language => sample.language.clone(),
        is_own => signed_in.app.deps.wordings.own(sample.title.name, &sample.language).is_some(),
        is_form => sample.kind == "checklist",
        no_cover => sample.no_cover,
        light => sample.query("light"),
        dark => sample.query("dark"),
        letter,
        allowed => signed_in.app.deps.trial.allow.iter().map(|to| to.expose().to_owned()).collect::<Vec<_>>(),
    }
}
