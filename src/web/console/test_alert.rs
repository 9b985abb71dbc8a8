//! The test alert: sent down the ladder, and confirmed by whoever it reached.

use crate::web::console::error_page;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::context;

use super::layout;
use crate::journey::alerts::cover;
use crate::journey::commands::signed_in;
use crate::journey::error::StepError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::time_format::Face;

/// Where things stand.
pub(super) async fn look(visitor: SignedIn) -> Response {
    layout::beside(visitor, shown).await
}

fn shown(visitor: &SignedIn) -> Response {
    let face = Face::of(visitor);
    let found = visitor.clinic().store.read(|view| {
        let (sent, seen) = view.cover(visitor.stamp().at)?;
        Ok::<_, StepError>((sent, seen, view.has_open_test()?, view.fact("no-cover")?))
    });
    match found {
        Ok((sent, seen, open, uncovered)) => {
            let contacts = &visitor.clinic().care.contacts;
            let ladder: Vec<String> = contacts.iter().map(|contact| contact.name.clone()).collect();
            let words = context! {
                sent_at => sent.map(|at| face.moment(at)),
                seen => seen.map(|at| face.moment(at)),
                open,
                next_at => cover::next_test_at(sent, visitor.now).map(|at| face.moment(at)),
                uncovered,
                ladder,
            };
            layout::page(visitor, "test-alert", words)
        }
        Err(fault) => error_page::failed(&visitor.rooms, &fault),
    }
}

/// Sends one, or confirms those that are open.
pub(super) async fn act(SignedPost { visitor, fields }: SignedPost) -> Response {
    let clinic = visitor.clinic();
    let done = match fields.get("act") {
        "send" => cover::test(clinic, visitor.stamp()).await.map(drop),
        "confirm" => signed_in::confirm_tests(clinic, visitor.stamp()).await,
        _ => return error_page::bare(&visitor.rooms, StatusCode::BAD_REQUEST),
    };
    match done {
        Ok(()) => Redirect::to("/test-alert").into_response(),
        Err(fault) => error_page::failed(&visitor.rooms, &fault),
    }
}
