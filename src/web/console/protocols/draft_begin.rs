//! A draft begins: from a version that is published, from a file somebody brings, or from nothing.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};

use crate::config::protocols::draft::unsigned;
use crate::config::protocols::form::ProtocolForm;
use crate::journey::commands::protocols;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::store::plan::drafts::DraftText;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::protocols::list::title_for;

/// What a draft from nothing begins with: one visit every three months, to be changed.
const EMPTY: &str = "id = \"\"\ntitle = \"\"\nsource = \"\"\nanchor = \"end-of-treatment\"\n\n[[series]]\nid = \"visit\"\nkind = \"visit\"\n\
                     phases = [ { after = \"0m\", every = \"3m\" } ]\nremind = [ { step = \"book\", at = \"-28d\" } ]\n";

/// The page that asks what to begin with.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| shown(signed_in, StatusCode::OK, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, status: StatusCode, refused: &RefusedForm) -> Response {
    let clinic = signed_in.clinic();
    let known = clinic.store.read(|view| -> Result<Vec<Value>, StepError> {
        let all = in_force(view, clinic)?.into_values();
        let line = |one: crate::journey::file_protocols::ProtocolInForce| {
            context! { id => one.version.0, name => one.protocol.id.clone(), title => title_for(signed_in, &one.protocol.title, Some(one.origin)) }
        };
        Ok(all.map(line).collect())
    });
    match known {
        Ok(known) => {
            let words = context! { known, refused => refused.words() };
            page::with_status(signed_in, status, "draft-begin", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// Begins the draft and leads to it.
pub(in crate::web::console) async fn begin(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let NewDraft { text, from } = match begun(&signed_in, &fields) {
        Ok(begun) => begun,
        Err(Ok(fault)) => {
            let refused = RefusedForm::new(&fields, vec![fault]);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page::blocking(signed_in, move |signed_in| shown(signed_in, status, &refused)).await;
        }
        Err(Err(fault)) => return page::failed(&signed_in, &fault),
    };
    match protocols::begin(signed_in.clinic(), signed_in.stamp(), text, from).await {
        Ok(id) => Redirect::to(&format!("/protocols/drafts/{}", id.0)).into_response(),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

/// A draft to begin.
struct NewDraft {
    text: DraftText,
    /// What it is made from.
    from: String,
}

fn begun(signed_in: &SignedIn, fields: &FormFields) -> Result<NewDraft, Result<FieldFault, StepError>> {
    let (content, from) = match fields.get("begin") {
        "version" => {
            let missing = || Ok(FieldFault::new("version", "Choose the protocol to begin with."));
            let id = fields.get("version").parse().map_err(|_| missing())?;
            let found = signed_in.clinic().store.read(|view| view.protocol_content(ProtocolVersionId(id)));
            let (protocol, content) = found.map_err(|fault| Err(fault.into()))?;
            (unsigned(&content), protocol)
        }
        "file" => (unsigned(fields.get("text")), "a file".to_owned()),
        "nothing" => (EMPTY.to_owned(), String::new()),
        _ => return Err(Ok(FieldFault::new("begin", "Choose what to begin with."))),
    };
    let form = ProtocolForm::read(&content);
    let form = form.ok_or_else(|| {
        Ok(FieldFault::new("text", "This is no protocol file (TOML): texts stand in quotes, lists in [ ]."))
    })?;
    Ok(NewDraft { text: DraftText { protocol: form.id, content }, from })
}
