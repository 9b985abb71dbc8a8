//! The test alert: sent down the ladder, and confirmed by whoever it reached.

use crate::web::console::layout::error_page;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::context;

use crate::journey::alerts::cover;
use crate::journey::commands::alerts;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;

/// Shows when the last test alert left and who confirmed it.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, shown).await
}

fn shown(signed_in: &SignedIn) -> Response {
    let times = TimeFormat::of(signed_in);
    let found = signed_in.clinic().store.read(|view| {
        let (sent, seen) = view.cover(signed_in.stamp().at)?;
        Ok::<_, StepError>((sent, seen, view.has_open_test()?, view.fact("no-cover")?))
    });
    match found {
        Ok((sent, seen, open, uncovered)) => {
            let contacts = &signed_in.clinic().care.contacts;
            let ladder: Vec<String> = contacts.iter().map(|contact| contact.name.clone()).collect();
            let words = context! {
                sent_at => sent.map(|at| times.moment(at)),
                seen => seen.map(|at| times.moment(at)),
                open,
                next_at => cover::next_test_at(sent, signed_in.now).map(|at| times.moment(at)),
                uncovered,
                ladder,
            };
            page::render(signed_in, "test-alert", words)
        }
        Err(fault) => error_page::failed(&signed_in.app, &fault),
    }
}

/// Sends one, or confirms those that are open.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let clinic = signed_in.clinic();
    let done = match fields.get("act") {
        "send" => cover::test(clinic, signed_in.stamp()).await.map(drop),
        "confirm" => alerts::confirm_tests(clinic, signed_in.stamp()).await,
        _ => return error_page::of_status(&signed_in.app, StatusCode::BAD_REQUEST),
    };
    match done {
        Ok(()) => Redirect::to("/test-alert").into_response(),
        Err(fault) => error_page::failed(&signed_in.app, &fault),
    }
}
