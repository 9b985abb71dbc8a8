//! One letter as text, in the words it was written with. Its links are left out: nobody fills a form in for a patient by
//! accident.

use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use super::face::{Face, plain};
use super::show;
use super::visitor::Visitor;
use crate::journey::{Clinic, StepError};
use crate::letter::wording::Wording;
use crate::letter::{Composer, Inputs, Letter, Links};
use crate::store::outbox::{Delivery, DeliveryId};

/// The page of a letter.
pub(super) async fn look(visitor: Visitor, Path(id): Path<i64>) -> Response {
    match words(&visitor, DeliveryId(id)) {
        Ok(words) => show::page(&visitor, "letter", words),
        Err(fault) => show::failed(&visitor.rooms, &fault),
    }
}

fn words(visitor: &Visitor, id: DeliveryId) -> Result<Value, StepError> {
    let (clinic, face) = (visitor.clinic(), Face::of(visitor));
    let (letter, code) = clinic.store.read(|view| {
        let letter = view.delivery(id)?;
        let owner = letter.patient.map(|id| view.patient(id)).transpose()?;
        Ok::<_, StepError>((letter, owner.map(|owner| owner.reference.as_str().to_owned())))
    })?;
    visitor.saw("letter", code.as_deref().unwrap_or("-"));
    let (text, fault) = match text(&letter, clinic) {
        Ok(text) => (Some(context! { subject => text.subject, body => text.text }), None),
        Err(reason) => (None, Some(reason)),
    };
    Ok(context! {
        id => id.0,
        code,
        state => plain(letter.state.word()),
        reason => letter.reason.clone(),
        purpose => letter.purpose.word(),
        to => letter.recipient.clone(),
        day => super::face::day(letter.local_on),
        next => letter.next_at.map(|at| face.moment(at)),
        ended => letter.ended_at.map(|at| face.moment(at)),
        text,
        fault,
    })
}

fn text(letter: &Delivery, clinic: &Clinic) -> Result<Letter, String> {
    let inputs = letter.inputs.as_deref().ok_or("It is written when it leaves; there is no text yet.")?;
    let inputs: Inputs = serde_json::from_str(inputs).map_err(|_| "What it was made from cannot be read.")?;
    match letter.wording.filter(|id| *id != clinic.words.wording) {
        None => (clinic.words.write)(&inputs, &Links::default()),
        Some(id) => {
            let kept = clinic.store.read(|view| view.wording(id)).map_err(|fault| fault.to_string())?;
            let wording = Wording::from_canonical(&kept).map_err(|_| "Its words cannot be read any more.")?;
            let composer = Composer::new(&wording).map_err(|_| "Its words cannot be used any more.")?;
            composer.compose(&inputs, &Links::default()).map_err(|fault| fault.to_string())
        }
    }
}
