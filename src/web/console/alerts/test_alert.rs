//! The test alert: sent down the ladder, and confirmed by whoever it reached.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;

use crate::journey::alerts::cover;
use crate::journey::commands::alerts;
use crate::journey::errors::step::StepError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
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
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// Sends one, or confirms those that are open.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let clinic = signed_in.clinic();
    let done = match fields.get("act") {
        "send" => cover::test(clinic, signed_in.stamp()).await.map(|_| Notice::TestSent),
        "confirm" => alerts::confirm_tests(clinic, signed_in.stamp()).await.map(|()| Notice::TestConfirmed),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match done {
        Ok(notice) => page::saved(&signed_in, "/test-alert", notice),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
