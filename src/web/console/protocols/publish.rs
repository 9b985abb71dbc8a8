//! Before a draft is published: what it changes for those on the protocol, by case code and name, and who is to move.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::care::plan::protocol::Protocol;
use crate::journey::commands::protocols;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::effect::{MoveEffect, effect};
use crate::journey::protocols::publication::{MoveChoice, PublicationRequest};
use crate::journey::protocols::sign_off::{Signatories, signatories};
use crate::store::plan::drafts::DraftId;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::protocols::draft::head;
use crate::web::console::protocols::draft_text::{conflict, refused, revision};
use crate::web::console::protocols::findings;
use crate::web::console::protocols::words::{SHOWN, count, effect_line};

/// The effect, and the form.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    let form = RefusedForm::default();
    page::blocking(signed_in, move |signed_in| shown(signed_in, DraftId(id), StatusCode::OK, &form)).await
}

fn shown(signed_in: &SignedIn, id: DraftId, status: StatusCode, refused: &RefusedForm) -> Response {
    match words(signed_in, id, refused) {
        Ok(words) => page::with_status(signed_in, status, "draft-publish", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, id: DraftId, refused: &RefusedForm) -> Result<Value, StepError> {
    let clinic = signed_in.clinic();
    let (draft, who) =
        clinic.store.read(|view| -> Result<_, StepError> { Ok((view.draft(id)?, signatories(view)?)) })?;
    let protocol = Arc::new(without_faults(signed_in, &draft.text.content)?);
    let all = effect(&protocol, signed_in.now, clinic)?;
    Ok(context! {
        all => totals(&all),
        patients => all.patients.iter().take(SHOWN).map(effect_line).collect::<Vec<_>>(),
        more => all.patients.len().saturating_sub(SHOWN),
        today => TimeFormat::from(signed_in).today().to_string(),
        alone => who == Signatories::OnePerson,
        version => protocol.version.clone(),
        refused => refused.words(),
        ..head(&draft, signed_in)
    })
}

/// What a draft asks for, once `check` finds nothing in it. A form can be sent without its page, and what a draft names can be
/// taken away after it was looked at.
fn without_faults(signed_in: &SignedIn, text: &str) -> Result<Protocol, StepError> {
    let found = findings::of_text(signed_in, text);
    Ok(found.protocol.filter(|_| found.faults.is_empty()).ok_or(ProtocolError::Faulty)?)
}

fn totals(all: &MoveEffect) -> Value {
    context! {
        patients => all.patients.len(),
        touched => all.touched,
        letters => count(all.letters),
        tasks => all.tasks,
        unread => all.unread,
    }
}

/// Asks for the publication and leads to it.
pub(in crate::web::console) async fn publish(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let refuse = |refused: RefusedForm, status: StatusCode, signed_in: SignedIn| {
        page::blocking(signed_in, move |s| shown(s, DraftId(id), status, &refused))
    };
    let ask = match request(id, &fields) {
        Ok(ask) => ask,
        Err(fault) => {
            let refused = RefusedForm::new(&fields, vec![fault]);
            return refuse(refused, StatusCode::UNPROCESSABLE_ENTITY, signed_in).await;
        }
    };
    let looked = page::off_thread(&signed_in, move |signed_in| {
        let draft = signed_in.clinic().store.read(|view| view.draft(DraftId(id)))?;
        without_faults(signed_in, &draft.text.content)
    });
    let asked = match looked.await {
        Ok(Ok(_)) => protocols::publish(signed_in.clinic(), signed_in.stamp(), ask).await,
        Ok(Err(fault)) => Err(fault),
        Err(page) => return page,
    };
    match asked {
        // Its own page cannot show what keeps being faulty.
        Err(fault @ StepError::Protocol(ProtocolError::Faulty)) => page::failed(&signed_in, &fault),
        Ok(id) => {
            let page = format!("/protocols/publications/{}", id.0);
            page::done(&signed_in, &page);
            Redirect::to(&page).into_response()
        }
        Err(StepError::Protocol(fault)) => {
            if let Some(page) = page::done_before(&signed_in) {
                return page;
            }
            let field = match &fault {
                ProtocolError::PastDay => "on",
                ProtocolError::NotOnIt(_) => "codes",
                _ => "move",
            };
            let (refused, status) = (refused(&fields, field, &fault), conflict(&fault));
            refuse(refused, status, signed_in).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// Whom the form ticks or names.
fn named(fields: &FormFields) -> BTreeSet<String> {
    let ticked = fields.all("code").map(str::to_owned);
    let typed = fields.get("codes").split([',', ' ', '\n', '\r', '\t', ';']);
    ticked.chain(typed.map(str::to_owned)).filter(|code| !code.is_empty()).collect()
}

fn request(id: i64, fields: &FormFields) -> Result<PublicationRequest, FieldFault> {
    let moves = match fields.get("move") {
        "none" if !named(fields).is_empty() => {
            let text = "You ticked or named patients, and chose that nobody moves. Choose one of the two.";
            return Err(FieldFault::new("move", text));
        }
        "none" => MoveChoice::Nobody,
        "all" => MoveChoice::Everybody,
        "some" => {
            let codes = named(fields);
            if codes.is_empty() {
                return Err(FieldFault::new("move", "Tick who moves, or choose that nobody does."));
            }
            MoveChoice::Only(codes)
        }
        _ => return Err(FieldFault::new("move", "Choose who moves to the new version.")),
    };
    let publish_on = match fields.get("on") {
        "" => None,
        on => Some(on.parse().map_err(|_| FieldFault::new("on", "Give a day, or leave it empty."))?),
    };
    Ok(PublicationRequest { draft: DraftId(id), seen: revision(fields), moves, publish_on })
}
