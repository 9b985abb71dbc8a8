//! The HTML part of a made-up letter, for the frames on its page: no script, nothing fetched, an origin of its own. The look
//! is fixed, so that day and night stand side by side whatever the reader's own screen is set to.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::colour_scheme::ColourScheme;
use super::sample_query::{Sample, SampleQuery};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::headers::Framing;
use crate::web::console::layout::page;
use crate::web::html;

/// What a letter's style sheet asks about the reader's screen.
const ASKS: &str = "(prefers-color-scheme: dark)";
const SCHEMES: &str = "content=\"light dark\"";

/// The HTML part in the look that is asked for.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(name): Path<String>,
    Query(query): Query<SampleQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let sample = Sample::of(&name, &query, signed_in);
        let Some((sample, letter)) = sample.and_then(|s| s.written(signed_in).ok().map(|letter| (s, letter)))
        else {
            return StatusCode::NOT_FOUND.into_response();
        };
        framed(&letter.language, &letter.html, sample.scheme)
    })
    .await
}

/// An HTML part for a frame, in the light or in the dark.
pub(super) fn framed(language: &str, letter: &str, scheme: ColourScheme) -> Response {
    let look = match scheme {
        ColourScheme::Dark => fixed(letter, "all", "dark"),
        ColourScheme::Light => fixed(letter, "not all", "light"),
    };
    let mut response = html::page(StatusCode::OK, language, look);
    response.extensions_mut().insert(Framing::IsLetter);
    response
}

fn fixed(html: &str, answer: &str, scheme: &str) -> String {
    html.replace(ASKS, answer).replace(SCHEMES, &format!("content=\"{scheme}\""))
}
