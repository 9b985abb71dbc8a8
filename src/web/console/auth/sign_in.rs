//! The sign-in page; signing in with a password and a code, and out.

use std::time::Duration;

use axum::extract::{Extension, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::context;
use serde::Deserialize;

use super::same_origin;
use crate::journey::operations::accounts::{self, Credentials, SignIn, SignInDeps};
use crate::web::app_state::AppState;
use crate::web::console::auth::browser_name;
use crate::web::console::auth::cookie::{BrowserTransport, with_cookies};
use crate::web::console::auth::form_fields::{self, FormFields};
use crate::web::console::auth::local_paths::is_local;
use crate::web::console::auth::session::SignedPost;
use crate::web::console::auth::sign_in_origin::SignInOrigin;
use crate::web::console::layout::{error_page, frame};
use crate::web::console::state::ConsoleState;
use crate::web::listener::Peer;

/// The path somebody asked for before signing in.
#[derive(Deserialize)]
pub(in crate::web::console) struct SignInQuery {
    pub(super) to: Option<String>,
}

/// Shows the form, for the path that is gone on to afterwards.
pub(in crate::web::console) async fn show(
    State(console): State<ConsoleState>,
    Query(query): Query<SignInQuery>,
    headers: HeaderMap,
) -> Response {
    let app = console.app();
    let page = SignInForm { to: query.to.as_deref().unwrap_or("/"), name: "", error: "" };
    form(&app, StatusCode::OK, &headers, &page)
}

/// What the form shows: where to go on to, and of the try before the name and what went wrong.
pub(super) struct SignInForm<'a> {
    pub(super) to: &'a str,
    pub(super) name: &'a str,
    pub(super) error: &'a str,
}

pub(super) fn form(
    app: &AppState,
    status: StatusCode,
    headers: &HeaderMap,
    shown: &SignInForm<'_>,
) -> Response {
    let to = if is_local(shown.to) { shown.to } else { "/" };
    let language = app.staff_language(None, headers);
    let provider = app.deps.openid.as_ref().map(|provider| provider.name().to_owned());
    let words =
        context! { to, name => shown.name, error => shown.error, provider, page_language => language };
    frame::signed_out(app, status, "sign-in", words)
}

/// Tries name, password and code. Which of them was wrong is not told.
pub(in crate::web::console) async fn submit(
    State(console): State<ConsoleState>,
    peer: Option<Extension<Peer>>,
    request: Request,
) -> Response {
    let app = console.app();
    let headers = request.headers().clone();
    // Asked first: another site's page, opened by a colleague, must not use up the tries of the whole ward.
    if !same_origin::is_ours(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let fields = match form_fields::of(request).await {
        Ok(form) => form.fields,
        Err(status) => return status.into_response(),
    };
    let caller = SignInOrigin::of(peer.map(|Extension(peer)| peer), headers, &app);
    authenticate(&console, &app, &caller, &fields).await
}

async fn authenticate(
    console: &ConsoleState,
    app: &AppState,
    caller: &SignInOrigin,
    fields: &FormFields,
) -> Response {
    let deps = &app.deps;
    let (name, key) = (fields.get("name"), &deps.clinic.key);
    let source = caller.attempt_source(key, name);
    if let Err(wait) = console.attempts.count(name, &source) {
        if console.attempts.is_told(&source) {
            tracing::warn!(from = %caller.from, "a sign-in was refused: too many tries from there");
        }
        let page = SignInForm { to: fields.get("to"), name, error: &too_many(wait) };
        return form(app, StatusCode::TOO_MANY_REQUESTS, &caller.headers, &page);
    }
    let typed = Credentials {
        name: name.to_owned(),
        from: caller.from.to_string(),
        password: fields.all("password").next().unwrap_or_default().to_owned(),
        code: match fields.get("recovery") {
            "" => fields.get("code").replace(' ', ""),
            recovery => recovery.to_owned(),
        },
        browser: browser_name::of(&caller.headers),
    };
    let Ok(_permit) = console.checks.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let now = deps.clock.now();
    let to = fields.get("to");
    let with = SignInDeps { store: &deps.clinic.store, key: &deps.clinic.key, entropy: &*deps.entropy };
    match accounts::sign_in(&with, now, typed).await {
        Ok(SignIn::Welcome(token, who)) => {
            let to = if is_local(to) { to } else { "/" };
            with_cookies(Redirect::to(to).into_response(), caller.welcome(app, &token, &who.name))
        }
        Ok(SignIn::Wrong) => {
            let error = "That did not fit. Check name, password and the newest code; a code works once.";
            form(app, StatusCode::UNAUTHORIZED, &caller.headers, &SignInForm { to, name, error })
        }
        Err(fault) => error_page::failed(&fault),
    }
}

/// The same words for every name, known or not.
fn too_many(wait: Duration) -> String {
    let minutes = wait.as_secs().div_ceil(60).max(1);
    format!(
        "Too many tries for this name from here. Try again in {minutes} minutes, or in a browser in which you have signed \
         in before. Nobody else is kept out by this."
    )
}

/// Ends the session, here and in the browser.
pub(in crate::web::console) async fn sign_out(SignedPost { signed_in, .. }: SignedPost) -> Response {
    if let Err(fault) = accounts::sign_out(&signed_in.clinic().store, signed_in.now, &signed_in.token).await {
        return error_page::failed(&fault);
    }
    with_cookies(Redirect::to("/sign-in").into_response(), BrowserTransport::clear_session())
}
