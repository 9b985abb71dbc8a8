//! One alert: a signed-in person takes it on, keeps it, gives it back or writes down what was tried (P6).

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use crate::care::alert::lifecycle::AlertState;
use crate::journey::commands::alerts;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::step::StepError;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::work::contact_log::ContactSubject;
use crate::web::console::alerts::alert_page::{again, overtaken, shown, to_page};
use crate::web::console::alerts::closing;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::worklist::contact_form;

/// The page of an alert.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    let form = RefusedForm::default();
    page::blocking(signed_in, move |signed_in| shown(signed_in, AlertId(id), StatusCode::OK, &form)).await
}

/// Takes the alert on: it rings no more.
pub(in crate::web::console) async fn acknowledge(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let done = alerts::acknowledge(signed_in.clinic(), signed_in.stamp(), AlertId(id)).await;
    after(signed_in, AlertId(id), done, PressedButton::of(Notice::AlertTaken, &fields)).await
}

/// Keeps it: she was spoken with, and what it was is not known yet. Whoever keeps it has it from then on: not from a page
/// that did not show in whose hands it is.
pub(in crate::web::console) async fn keep(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let done = alerts::keep(signed_in.clinic(), signed_in.stamp(), AlertId(id), seen(&fields)).await;
    after(signed_in, AlertId(id), done, PressedButton::of(Notice::AlertKept, &fields)).await
}

/// Gives it back: it rings at once.
pub(in crate::web::console) async fn give_back(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    if fields.holds(&closing::FIELDS) {
        // An alert that rings has no part that ends it: what was typed there would be gone.
        let text = "This belongs to the closing: put it into the call log first, or clear it.";
        let refused = RefusedForm::beside(&fields, &[]).with(FieldFault::new("note", text));
        return again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await;
    }
    let done = alerts::give_back(signed_in.clinic(), signed_in.stamp(), id, seen(&fields)).await;
    after(signed_in, id, done, PressedButton::of(Notice::AlertGivenBack, &fields)).await
}

/// Who had it on the page that was sent; a list does not say.
fn seen(fields: &FormFields) -> OwnerSeen {
    match fields.get("owner") {
        "" => OwnerSeen::Unasked,
        owner => OwnerSeen::Was(Some(owner.to_owned())),
    }
}

/// What a button of the page did, and what else was typed on the page.
struct PressedButton {
    notice: Notice,
    rest: Option<RefusedForm>,
}

impl PressedButton {
    fn of(notice: Notice, fields: &FormFields) -> Self {
        let is_typed = fields.holds(&contact_form::FIELDS) || fields.holds(&closing::FIELDS);
        Self { notice, rest: is_typed.then(|| RefusedForm::beside(fields, &[])) }
    }
}

async fn after(
    signed_in: SignedIn,
    id: AlertId,
    done: Result<(), StepError>,
    pressed: PressedButton,
) -> Response {
    match done {
        Ok(()) => to_page(signed_in, id, pressed.rest, pressed.notice).await,
        // Sent twice: it is hers all the same.
        Err(StepError::Alert(AlertError::AlertIs(..)))
            if pressed.notice == Notice::AlertTaken && is_own(&signed_in, id) =>
        {
            to_page(signed_in, id, pressed.rest, pressed.notice).await
        }
        Err(StepError::Alert(AlertError::AlertIs(..) | AlertError::HeldBy(_))) => {
            let form = pressed.rest.unwrap_or_default();
            page::blocking(signed_in, move |signed_in| overtaken(signed_in, id, &form)).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// Whether whoever is signed in has the alert in hand.
fn is_own(signed_in: &SignedIn, id: AlertId) -> bool {
    let alert = signed_in.clinic().store.read(|view| view.alert(id)).ok();
    let owner = alert.filter(|alert| alert.state == AlertState::Acknowledged).and_then(|a| a.acknowledged);
    owner.is_some_and(|(by, _)| by == signed_in.stamp().actor.word())
}

/// Adds to the call log; what is handed over is the colleague's from then on.
pub(in crate::web::console) async fn log(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = AlertId(id);
    match contact_form::log(&signed_in, ContactSubject::Alert(id), &fields).await {
        Ok(notice) => {
            let is_typed = fields.holds(&closing::FIELDS);
            let rest = is_typed.then(|| RefusedForm::beside(&fields, &contact_form::FIELDS));
            to_page(signed_in, id, rest, notice).await
        }
        Err(Ok(refused)) => again(signed_in, id, StatusCode::UNPROCESSABLE_ENTITY, refused).await,
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}
