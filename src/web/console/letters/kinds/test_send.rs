//! A kind of letter sent as a test, to an address that the operator allows.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::sample::{in_one_line, shown};
use super::sample_query::{Sample, SampleQuery};
use crate::care::delivery::AttemptVerdict;
use crate::journey::delivery::test_letter::{self, TestLetter};
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};

/// Sends it, and says what the mail server said.
pub(in crate::web::console) async fn submit(
    Path(name): Path<String>,
    Query(query): Query<SampleQuery>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let Some(sample) = Sample::of(&name, &query, &signed_in) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let name = sample.title.name;
    let refused = |why: String| RefusedForm::new(&fields, vec![FieldFault::new("address", why)]);
    let allowed = &signed_in.app.deps.trial.allow;
    let Some(to) = allowed.iter().find(|one| one.expose() == fields.get("address")).cloned() else {
        let why = "Choose one of the addresses that the operator allows.".to_owned();
        return again(signed_in, sample, StatusCode::UNPROCESSABLE_ENTITY, refused(why)).await;
    };
    let write = |signed_in: &SignedIn| {
        let letter = sample.written(signed_in);
        (sample, letter)
    };
    let (sample, letter) = match page::off_thread(&signed_in, write).await {
        Ok((sample, Ok(letter))) => (sample, letter),
        Ok((sample, Err(fault))) => {
            let why = format!("It cannot be written: {}", in_one_line(&fault));
            return again(signed_in, sample, StatusCode::UNPROCESSABLE_ENTITY, refused(why)).await;
        }
        Err(broken) => return broken,
    };
    let deps = &signed_in.app.deps;
    let test = TestLetter { to, name: name.to_owned(), letter, at: signed_in.now };
    let outgoing = test.outgoing(&deps.clinic.policy, &*deps.entropy);
    let receipt = test_letter::carry(&*deps.trial.courier, &outgoing).await;
    tracing::info!(staff = %signed_in.who.name, letter = name, verdict = ?receipt.verdict, "a test letter was tried");
    match receipt.verdict {
        AttemptVerdict::Accepted => {
            page::saved(&signed_in, &format!("/letters/kinds/{name}"), Notice::LetterTested)
        }
        _ => {
            let why = format!("It did not go out. The mail server said: {}", receipt.reply);
            again(signed_in, sample, StatusCode::BAD_GATEWAY, refused(why)).await
        }
    }
}

/// The page again, with what is wrong.
async fn again(signed_in: SignedIn, sample: Sample, status: StatusCode, refused: RefusedForm) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, &sample, status, &refused)).await
}
