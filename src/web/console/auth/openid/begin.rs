//! The way to the provider.

use std::sync::Arc;

use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::exchange::openid::fault::OpenIdFault;
use crate::web::console::auth::cookie::with_cookies;
use crate::web::console::auth::openid::pending::{AuthorizationPurpose, LASTS, PendingAuthorization};
use crate::web::console::auth::openid::refusal::OpenIdRefusal;
use crate::web::console::auth::sign_in::{self, SignInForm, SignInQuery};
use crate::web::console::auth::sign_in_origin::SignInOrigin;
use crate::web::console::state::ConsoleState;
use crate::web::listener::Peer;

/// Sends somebody who wants to sign in to the provider. Nothing changes but what her browser keeps.
pub(in crate::web::console) async fn show(
    State(console): State<ConsoleState>,
    Query(query): Query<SignInQuery>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    let app = console.app();
    let Some(provider) = app.deps.openid.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let origin = SignInOrigin::of(peer.map(|Extension(peer)| peer), headers, &app);
    let to = query.to.as_deref().unwrap_or("/");
    let (deps, purpose) = (&app.deps, AuthorizationPurpose::SignIn);
    let pending = PendingAuthorization::new(&*deps.entropy, deps.clock.now(), purpose, to);
    let secrets = pending.secrets(&deps.clinic.key, "");
    let asked = Arc::clone(&provider);
    match ask(&console, move || asked.sign_in_url(&secrets)).await {
        Ok(url) => going(&origin, &pending, Redirect::to(&url).into_response()),
        Err(fault) => {
            let refused = OpenIdRefusal::Provider(fault);
            refused.tell();
            let page = SignInForm { to: &pending.to, name: "", error: &refused.words(provider.name()) };
            sign_in::form(&app, refused.status(), &origin.headers, &page)
        }
    }
}

/// A response that leads to the provider, with what its browser needs to come back.
pub(in crate::web::console) fn going(
    origin: &SignInOrigin,
    pending: &PendingAuthorization,
    response: Response,
) -> Response {
    with_cookies(response, origin.transport.set_openid(&pending.cookie(), LASTS))
}

/// Asks the provider something off the async threads, a few at a time: one that is slow must not keep anybody from signing in
/// with a password.
///
/// # Errors
/// [`OpenIdFault`].
pub(in crate::web::console) async fn ask<T: Send + 'static>(
    console: &ConsoleState,
    question: impl FnOnce() -> Result<T, OpenIdFault> + Send + 'static,
) -> Result<T, OpenIdFault> {
    let Ok(permit) = Arc::clone(&console.provider_calls).acquire_owned().await else {
        return Err(OpenIdFault::broken_off());
    };
    let asked = tokio::task::spawn_blocking(move || {
        let answer = question();
        drop(permit);
        answer
    });
    asked.await.unwrap_or_else(|_| Err(OpenIdFault::broken_off()))
}
