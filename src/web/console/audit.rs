//! The audit's newest events, and whether the chain holds (P12). For leads and above.

use crate::web::console::error_page;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use super::layout;
use crate::care::permission::Act;
use crate::store::audit;
use crate::store::db::columns::instant;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::time_format::Face;

/// Events on the page.
const EVENTS: u32 = 100;

/// Whether the whole chain is to be walked.
#[derive(Deserialize)]
pub(super) struct AuditQuery {
    verify: Option<String>,
}

/// The newest events; with `?verify` also what a walk along the whole chain says.
pub(super) async fn look(visitor: SignedIn, Query(ask): Query<AuditQuery>) -> Response {
    if !visitor.who.role.may(Act::ReadAudit) {
        let words = ("Not for this account", "The audit is read by leads and administrators.", "");
        return error_page::refused(&visitor.rooms, StatusCode::FORBIDDEN, words);
    }
    layout::beside(visitor, move |visitor| {
        let verdict = ask.verify.as_ref().map(|_| verdict(visitor));
        match events(visitor) {
            Ok(events) => layout::page(visitor, "audit", context! { events, verdict }),
            Err(fault) => error_page::failed(&visitor.rooms, &fault.into()),
        }
    })
    .await
}

fn verdict(visitor: &SignedIn) -> String {
    match visitor.clinic().store.read(audit::verify) {
        Ok(chain) => format!("The chain holds: {} events, none missing, none altered.", chain.last),
        Err(fault) => format!("The chain does not hold: {fault}"),
    }
}

fn events(visitor: &SignedIn) -> Result<Vec<Value>, StoreError> {
    let face = Face::of(visitor);
    let events = visitor.clinic().store.read(|view| view.last_events(EVENTS))?;
    let shown = events.into_iter().map(|event| {
        context! { id => event.id, at => face.moment(instant(event.at)), actor => event.actor, action => event.action,
            subject => event.subject, detail => event.detail }
    });
    Ok(shown.collect())
}
