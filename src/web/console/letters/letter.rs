//! One letter as text, in the words it was written with. Its links are left out: nobody fills a form in for a patient by
//! accident.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::delivery::{Arrival, DeliveryState};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::retry::{self, RetryEnd};
use crate::letter::compose::Composer;
use crate::letter::content::{Inputs, Letter, Links};
use crate::letter::wording::Wording;
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::{TimeFormat, day, plain};
use crate::web::console::letters::ledger;

/// The page of a letter.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, DeliveryId(id), StatusCode::OK, "")).await
}

fn shown(signed_in: &SignedIn, id: DeliveryId, status: StatusCode, error: &str) -> Response {
    match words(signed_in, id, error) {
        Ok(words) => page::with_status(signed_in, status, "letter", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// Sends a letter again that was refused.
pub(in crate::web::console) async fn retry(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    match retry::retry_one(signed_in.clinic(), signed_in.stamp(), DeliveryId(id)).await {
        Ok(RetryEnd::Again(_) | RetryEnd::With(_)) => {
            page::saved(&signed_in, &format!("/letters/{id}"), Notice::LetterAgain)
        }
        Ok(RetryEnd::Stays(why)) => {
            let why = format!("It is not sent again: {why}.");
            shown(&signed_in, DeliveryId(id), StatusCode::UNPROCESSABLE_ENTITY, &why)
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: DeliveryId, error: &str) -> Result<Value, StepError> {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::of(signed_in));
    let (letter, code, retry) = clinic.store.read(|view| {
        let letter = view.delivery(id)?;
        let owner = letter.patient.map(|id| view.patient(id)).transpose()?;
        let retry =
            (letter.state == DeliveryState::Failed).then(|| ledger::again(view, id, signed_in, &times));
        Ok::<_, StepError>((letter, owner.map(|owner| owner.reference.as_str().to_owned()), retry))
    })?;
    signed_in.saw("letter", code.as_deref().unwrap_or("-"));
    let (text, fault) = match text(&letter, clinic) {
        Ok(text) => (Some(context! { subject => text.subject, body => text.text }), None),
        Err(reason) => (None, Some(reason)),
    };
    Ok(context! {
        id => id.0,
        code,
        state => plain(letter.state.word()),
        reason => letter.reason.clone(),
        arrival => letter.arrival().map(Arrival::word),
        doubt => letter.in_doubt_at.map(|at| times.moment(at)),
        retry,
        error,
        purpose => letter.purpose.word(),
        to => letter.recipient.clone(),
        day => day(letter.local_on),
        next => letter.next_at.map(|at| times.moment(at)),
        ended => letter.ended_at.map(|at| times.moment(at)),
        text,
        fault,
    })
}

fn text(letter: &Delivery, clinic: &Deps) -> Result<Letter, String> {
    let inputs = letter.inputs.as_deref().ok_or("It is written when it leaves; there is no text yet.")?;
    let inputs: Inputs = serde_json::from_str(inputs).map_err(|_| "What it was made from cannot be read.")?;
    match letter.wording.filter(|id| Some(*id) != clinic.words.id()) {
        None => clinic.words.writer()?(&inputs, &Links::default()),
        Some(id) => {
            let kept = clinic.store.read(|view| view.wording(id)).map_err(|fault| fault.to_string())?;
            let wording = Wording::from_canonical(&kept).map_err(|_| "Its words cannot be read any more.")?;
            let composer = Composer::new(&wording).map_err(|_| "Its words cannot be used any more.")?;
            composer.compose(&inputs, &Links::default()).map_err(|fault| fault.to_string())
        }
    }
}
