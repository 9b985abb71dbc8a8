//! One letter: to whom, what became of it, and what it says: the letter that left, byte for byte as `replay` gives it, or
//! the one that will leave. Only the secrets of her links are left out.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::care::delivery::{Arrival, DeliveryState};
use crate::journey::errors::step::StepError;
use crate::journey::outbox::retry::{self, RetryEnd};
use crate::store::accounts::record_views::ViewedPage;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::{Delivery, DeliveryId, Purpose};
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::headers::Framing;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::letters::ledger;
use crate::web::console::letters::letter_as_sent::{self, LetterView};

/// The page of a letter.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, DeliveryId(id), StatusCode::OK, "")).await
}

fn shown(signed_in: &SignedIn, id: DeliveryId, status: StatusCode, error: &str) -> Response {
    match words(signed_in, id, error) {
        Ok(words) => {
            let mut response = page::with_status(signed_in, status, "letter", words);
            response.extensions_mut().insert(Framing::ShowsLetter);
            response
        }
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
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page::blocking(signed_in, move |signed_in| shown(signed_in, DeliveryId(id), status, &why)).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: DeliveryId, error: &str) -> Result<Value, StepError> {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::from(signed_in));
    let (letter, reader, retry, is_held_back) = clinic.store.read(|view| {
        let letter = view.delivery(id)?;
        let reader = reader(view, &letter)?;
        let retry = ledger::retry_offer(view, &letter, signed_in, &times);
        Ok::<_, StepError>((letter, reader, retry, view.is_held_back(id)?))
    })?;
    if let Some(code) = &reader.code {
        signed_in.saw(ViewedPage::Letter, code);
    }
    let view = letter_as_sent::of(&letter, signed_in)?;
    Ok(context! {
        id => id.0,
        code => reader.code,
        reader => reader.name,
        is_shared => reader.is_shared,
        became => if is_held_back { HELD_BACK.to_owned() } else { became(&letter, &times) },
        reason => letter.reason.as_deref().filter(|_| letter.state != DeliveryState::Sent).map(prose),
        reply => letter.reply_text.clone().filter(|_| letter.state == DeliveryState::Failed),
        arrival => letter.arrival().map(Arrival::word),
        doubt => letter.in_doubt_at.map(|at| times.moment(at)),
        retry,
        error,
        purpose => purpose(letter.purpose),
        day => day(letter.local_on),
        text => text(&view, &times),
        mark_of => mark_of(&view, &times),
    })
}

/// Who reads a letter.
struct LetterReader {
    /// A patient's case code.
    code: Option<String>,
    /// A patient's name, or that of a rung of the ladder.
    name: Option<String>,
    /// Whether others read her mailbox too.
    is_shared: bool,
}

fn reader(view: &View<'_>, letter: &Delivery) -> Result<LetterReader, StepError> {
    if let Some(id) = letter.patient {
        let patient = view.patient(id)?;
        let (code, name) = (patient.reference.as_str().to_owned(), patient.name.expose().to_owned());
        return Ok(LetterReader { code: Some(code), name: Some(name), is_shared: patient.shared_inbox });
    }
    Ok(LetterReader { code: None, name: view.rung_of_letter(letter.id)?, is_shared: false })
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Reminders => "a letter of her follow-up plan",
        Purpose::Notice => "news that she or the clinic caused",
        Purpose::Alert => "an alert",
        Purpose::Digest => "the daily report, for whoever runs the program",
        Purpose::Canary => "the daily test of the whole chain",
    }
}

/// What became of a letter whose kind is stopped.
const HELD_BACK: &str = "It waits until letters of its kind are started again, under Letters.";

/// What became of it, as one sentence.
fn became(letter: &Delivery, times: &TimeFormat) -> String {
    let at = letter.ended_at.map(|at| times.moment(at)).unwrap_or_default();
    let has_left = letter.doubts > 0;
    match letter.state {
        DeliveryState::Pending if letter.attempt > 0 => {
            "It was tried and waits to be tried again.".to_owned()
        }
        DeliveryState::Pending => "It waits for its time.".to_owned(),
        DeliveryState::Claimed => "It is on its way to the mail server now.".to_owned(),
        DeliveryState::Sent => format!("The mail server took it on {at}."),
        DeliveryState::Skipped if has_left => format!("It was withdrawn on {at}."),
        DeliveryState::Skipped => format!("It was withdrawn on {at}, before it left."),
        DeliveryState::Lapsed if has_left => format!("Its use was over on {at}."),
        DeliveryState::Lapsed => format!("Its use was over on {at}, before it left."),
        DeliveryState::Failed => format!("It was refused on {at} and has not reached its reader."),
        DeliveryState::Unknown => format!("Nobody knows whether the mail server took it on {at}."),
    }
}

/// What the letter shown is, in words.
fn mark_of(view: &LetterView, times: &TimeFormat) -> Value {
    let (words, hint) = match view {
        LetterView::Sent(_) => (
            "This is the letter that left, proved against the fingerprint that was kept of it.".to_owned(),
            "",
        ),
        LetterView::Written(_, why) => (why.clone(), ""),
        LetterView::WillLeave(_, at) => (
            format!("It will leave on {} or soon after, like this, if nothing changes.", times.moment(*at)),
            "",
        ),
        LetterView::Nothing(why, hint) => (why.clone(), *hint),
    };
    let (proved, ahead) = (matches!(view, LetterView::Sent(_)), matches!(view, LetterView::WillLeave(..)));
    context! { proved, ahead, words => prose(&words), hint }
}

fn text(view: &LetterView, times: &TimeFormat) -> Option<Value> {
    let shown = view.letter()?;
    Some(context! {
        to => shown.to.clone(),
        date => times.moment(shown.date),
        subject => shown.letter.subject.clone(),
        body => shown.letter.text.clone(),
        language => shown.letter.language.clone(),
        calendar => shown.letter.calendar.is_some(),
    })
}
