//! A draft as the text that files have: read, written, taken along, thrown away. Whoever saves second is shown what the
//! first has written, and loses nothing.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use crate::config::protocols::form::ProtocolForm;
use crate::journey::commands::protocols::{self, ProtocolCommand};
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::draft::DraftChange;
use crate::store::plan::drafts::{DraftId, DraftText, ProtocolDraft};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::sentence::with_hint;
use crate::web::console::protocols::draft::head;
use crate::web::console::protocols::{findings, version};

/// The text of a draft, to be written.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    let form = RefusedForm::default();
    page::blocking(signed_in, move |signed_in| shown(signed_in, DraftId(id), StatusCode::OK, &form)).await
}

fn shown(signed_in: &SignedIn, id: DraftId, status: StatusCode, refused: &RefusedForm) -> Response {
    match read(signed_in, id) {
        Ok(draft) => {
            let typed = refused.typed("text");
            let text = if typed.is_empty() { draft.text.content.as_str() } else { typed };
            let lines = findings::with_lines(&findings::of_text(signed_in, text));
            let now = (status == StatusCode::CONFLICT).then(|| draft.text.content.clone());
            let words = context! { text, lines, now, refused => refused.words(), ..head(&draft, signed_in) };
            page::with_status(signed_in, status, "draft-text", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn read(signed_in: &SignedIn, id: DraftId) -> Result<ProtocolDraft, StepError> {
    Ok(signed_in.clinic().store.read(|view| view.draft(id))?)
}

/// Saves the text, with its faults: a draft may have some.
pub(in crate::web::console) async fn save(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let content = fields.get("text").to_owned() + "\n";
    let Some(form) = ProtocolForm::read(&content) else {
        let text = "This is no protocol file (TOML). What is wrong stands below, with its line.";
        let refused = RefusedForm::new(&fields, vec![FieldFault::new("text", text)]);
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page::blocking(signed_in, move |s| shown(s, DraftId(id), status, &refused)).await;
    };
    let text = DraftText { protocol: form.id, content };
    match change(&signed_in, id, &fields, text).await {
        Ok(()) => page::saved(&signed_in, &format!("/protocols/drafts/{id}/text"), Notice::DraftSaved),
        Err(StepError::Protocol(fault)) => {
            let refused = refused(&fields, "text", &fault);
            let status = conflict(&fault);
            page::blocking(signed_in, move |s| shown(s, DraftId(id), status, &refused)).await
        }
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// Saves what a draft says from now on, if it still is the revision that the form was made from.
pub(in crate::web::console) async fn change(
    signed_in: &SignedIn,
    id: i64,
    fields: &FormFields,
    text: DraftText,
) -> Result<(), StepError> {
    let change = DraftChange { id: DraftId(id), text, seen: revision(fields) };
    protocols::change(signed_in.clinic(), signed_in.stamp(), ProtocolCommand::Change(change)).await
}

/// The revision that a form was made from.
pub(in crate::web::console) fn revision(fields: &FormFields) -> u32 {
    fields.get("revision").parse().unwrap_or(0)
}

/// A form that was not taken because of where the draft stands.
pub(in crate::web::console) fn refused(
    fields: &FormFields,
    field: &str,
    fault: &ProtocolError,
) -> RefusedForm {
    let text = with_hint(&fault.to_string(), fault.hint());
    RefusedForm::new(fields, vec![FieldFault::new(field, text)])
}

/// What a refusal is for the browser: somebody else was quicker, or what was typed does not do.
pub(in crate::web::console) const fn conflict(fault: &ProtocolError) -> StatusCode {
    match fault {
        ProtocolError::Changed(_) | ProtocolError::Ended | ProtocolError::UnderWay => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The text as a file to keep.
pub(in crate::web::console) async fn file(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match read(signed_in, DraftId(id)) {
        Ok(draft) => version::download(&draft.text.protocol, draft.text.content),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// Whose draft it is and how far it is, before somebody throws it away.
pub(in crate::web::console) async fn look(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match read(signed_in, DraftId(id)) {
        Ok(draft) => {
            let words = context! { act => "discard", ..head(&draft, signed_in) };
            page::render(signed_in, "protocol-check", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

/// Throws the draft away; its last words stay on record.
pub(in crate::web::console) async fn discard(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let command = ProtocolCommand::Discard(DraftId(id), revision(&fields));
    match protocols::change(signed_in.clinic(), signed_in.stamp(), command).await {
        Ok(()) => page::saved(&signed_in, "/protocols", Notice::DraftDiscarded),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
