//! What a patient's page can change: where she stands, her forms' lock, her dates. Each asks for a sign that the right
//! person is meant.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::{Date, Time};

use super::{layout, patient};
use crate::care::one_line::is_place;
use crate::care::patient::{Reference, Status};
use crate::journey::StepError;
use crate::journey::commands::operator::{Visit, visit};
use crate::journey::commands::signed_in;
use crate::journey::patients::status::Change;
use crate::journey::plan::book::{Tell, Wish};
use crate::journey::plan::enrol::Slot;
use crate::store::people::death_reversals::Answered;
use crate::web::console::auth::session::{Act, Fields, Visitor};

/// Why a form was not taken.
enum Refusal {
    /// In words for the person.
    Words(&'static str),
    /// A step's own.
    Step(StepError),
}

impl<E: Into<StepError>> From<E> for Refusal {
    fn from(fault: E) -> Self {
        Self::Step(fault.into())
    }
}

/// Does what one of the page's forms asks.
pub(super) async fn act(Path(reference): Path<String>, Act { visitor, fields }: Act) -> Response {
    let Ok(whose) = Reference::parse(&reference) else {
        return layout::bare(&visitor.rooms, StatusCode::NOT_FOUND);
    };
    let done = match fields.get("act") {
        "status" => status(&visitor, &whose, &fields).await,
        "agree" => reversal(&visitor, &whose, Answered::Agreed).await,
        "decline" => reversal(&visitor, &whose, Answered::Declined).await,
        "unlock" => unlock(&visitor, &whose).await,
        "bone-spread" => bone_spread(&visitor, &whose).await,
        "book" | "move" | "done" | "cancel" => dates(&visitor, &whose, &fields).await,
        _ => return layout::bare(&visitor.rooms, StatusCode::BAD_REQUEST),
    };
    match done {
        Ok(()) => {
            visitor.clinic().bells.letters.notify_one();
            Redirect::to(&format!("/patients/{reference}")).into_response()
        }
        Err(Refusal::Words(words)) => {
            patient::shown(&visitor, &reference, (StatusCode::UNPROCESSABLE_ENTITY, words))
        }
        Err(Refusal::Step(fault)) => layout::failed(&visitor.rooms, &fault),
    }
}

async fn status(visitor: &Visitor, whose: &Reference, fields: &Fields) -> Result<(), Refusal> {
    let to = Status::parse(fields.get("to")).map_err(|_| Refusal::Words("Choose a status."))?;
    let reason = fields.note("reason");
    if reason.is_empty() {
        return Err(Refusal::Words("Say why the status changes, in a few words."));
    }
    if fields.get("sure") != whose.as_str() {
        return Err(Refusal::Words("Type the case code once more, so that it is surely the right person."));
    }
    let until: Option<Date> = match fields.get("until") {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::Words("The last day of the pause is no date."))?),
    };
    let second = Some(fields.note("confirmed_by")).filter(|name| !name.is_empty());
    let ask = Change { to, reason, until, confirmed_by: second };
    Ok(signed_in::change_status(visitor.clinic(), visitor.stamp(), whose.clone(), ask).await?)
}

async fn reversal(visitor: &Visitor, whose: &Reference, answer: Answered) -> Result<(), Refusal> {
    Ok(signed_in::answer_reversal(visitor.clinic(), visitor.stamp(), whose.clone(), answer).await?)
}

async fn unlock(visitor: &Visitor, whose: &Reference) -> Result<(), Refusal> {
    Ok(signed_in::unlock(visitor.clinic(), visitor.stamp(), whose.clone()).await?)
}

async fn bone_spread(visitor: &Visitor, whose: &Reference) -> Result<(), Refusal> {
    Ok(signed_in::note_bone_spread(visitor.clinic(), visitor.stamp(), whose.clone()).await?)
}

async fn dates(visitor: &Visitor, whose: &Reference, fields: &Fields) -> Result<(), Refusal> {
    let what = wanted(fields).map_err(Refusal::Words)?;
    let (clinic, stamp, whose) = (visitor.clinic().clone(), visitor.stamp(), whose.clone());
    let booked = tokio::task::spawn_blocking(move || visit(&clinic, stamp, whose, what)).await;
    booked
        .map_err(|_| Refusal::Words("The date could not be written down. Look before you try again."))??;
    Ok(())
}

/// What the form of dates asks for.
fn wanted(fields: &Fields) -> Result<Visit, &'static str> {
    let series = Some(fields.get("series").to_owned()).filter(|series| !series.is_empty());
    let tell = if fields.get("tell").is_empty() { Tell::Nobody } else { Tell::Patient };
    let on = || fields.get("on").parse::<Date>().map_err(|_| "Give the date.");
    let wish = || -> Result<Wish, &'static str> {
        let at = fields.get("at").parse::<Time>().map_err(|_| "Give the time, such as 09:30.")?;
        let place = fields.note("place");
        if !is_place(&place) {
            return Err("Name the place in a few words, on one line.");
        }
        let slot = Slot { on: on()?, at, place };
        let anyway = !fields.get("anyway").is_empty();
        Ok(Wish { series: series.clone(), slot, tell, anyway })
    };
    Ok(match fields.get("act") {
        "book" => Visit::Book(wish()?),
        "move" => Visit::Move(wish()?),
        "done" => Visit::Done(series, on()?, fields.note("place")),
        _ => Visit::Cancel(series, tell, Some(fields.note("place")).filter(|why| !why.is_empty())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_time_books_nothing() {
        let fields = |of: &[(&str, &str)]| {
            Fields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect())
        };
        assert!(wanted(&fields(&[("act", "book"), ("on", "2026-03-02")])).is_err());
        let whole = fields(&[("act", "book"), ("on", "2026-03-02"), ("at", "09:30"), ("tell", "yes")]);
        let Ok(Visit::Book(wish)) = wanted(&whole) else { panic!("no booking") };
        assert_eq!((wish.series, wish.tell), (None, Tell::Patient));
    }
}
