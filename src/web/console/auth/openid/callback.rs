//! The way back from the provider (the redirect URI). A GET, for a browser is sent here: it signs its owner in, which is her own
//! session; what it would change of her account waits for a form of ours.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::exchange::openid::provider::{OpenIdProvider, ProvedIdentity};
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::openid::{self, OpenIdAttempt, OpenIdSignIn};
use crate::web::app_state::AppState;
use crate::web::console::auth::browser_name;
use crate::web::console::auth::cookie::{BrowserTransport, with_cookies};
use crate::web::console::auth::openid::begin::ask;
use crate::web::console::auth::openid::pending::{AuthorizationPurpose, PendingAuthorization};
use crate::web::console::auth::openid::refusal::OpenIdRefusal;
use crate::web::console::auth::same_origin;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::auth::sign_in::{self, SignInForm};
use crate::web::console::auth::sign_in_origin::SignInOrigin;
use crate::web::console::layout::error_page::{self, ErrorText};
use crate::web::console::layout::{frame, page};
use crate::web::console::people::connection;
use crate::web::console::state::ConsoleState;
use crate::web::listener::Peer;

/// What the provider adds to the address (RFC 6749 section 4.1.2, RFC 9207).
#[derive(Deserialize)]
struct ReturnQuery {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// A browser that came back, and what it needs to be looked at.
struct ReturningBrowser {
    console: ConsoleState,
    app: Arc<AppState>,
    provider: Arc<OpenIdProvider>,
    origin: SignInOrigin,
    pending: PendingAuthorization,
}

/// Takes somebody back from the provider.
pub(in crate::web::console) async fn show(State(console): State<ConsoleState>, request: Request) -> Response {
    let app = console.app();
    let Some(provider) = app.deps.openid.clone() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, _) = request.into_parts();
    let peer = parts.extensions.get::<Peer>().copied();
    let origin = SignInOrigin::of(peer, parts.headers.clone(), &app);
    let pending = origin.transport.openid(&origin.headers);
    let pending = pending.and_then(|cookie| PendingAuthorization::read(&cookie, app.deps.clock.now()));
    let Some(pending) = pending else {
        let visitor = ReturningVisitor { app: &app, provider: &provider, origin: &origin };
        return cleared(visitor.refused("/", &OpenIdRefusal::NotAsked));
    };
    let back = ReturningBrowser { console, app, provider, origin, pending };
    match back.pending.purpose {
        AuthorizationPurpose::SignIn => cleared(back.signs_in(&parts.uri).await),
        // The strict cookie of her session comes along from a page of ours.
        AuthorizationPurpose::Connect if back.lacks_session() => match own_address(&parts.uri) {
            Some(address) => frame::same_site_redirect(&back.app, &back.origin.headers, address),
            None => cleared(back.visitor().refused("/", &OpenIdRefusal::NotAsked)),
        },
        AuthorizationPurpose::Connect => cleared(back.connects(parts).await),
    }
}

impl ReturningBrowser {
    fn visitor(&self) -> ReturningVisitor<'_> {
        ReturningVisitor { app: &self.app, provider: &self.provider, origin: &self.origin }
    }

    /// A link of another site brought no strict cookie along.
    fn lacks_session(&self) -> bool {
        let headers = &self.origin.headers;
        self.origin.transport.session(headers).is_none() && same_origin::is_foreign_link(headers)
    }

    async fn signs_in(&self, uri: &Uri) -> Response {
        let refused = |refused: &OpenIdRefusal| self.visitor().refused(&self.pending.to, refused);
        let proved = match self.proved(uri, "").await {
            Ok(proved) => proved,
            Err(why) => return refused(&why),
        };
        match self.admitted(proved).await {
            Ok(OpenIdSignIn::Welcome(token, who)) => {
                // The provider's page led here: a page of ours leads on, so that the new strict cookie comes along.
                let on = frame::same_site_redirect(&self.app, &self.origin.headers, &self.pending.to);
                with_cookies(on, self.origin.welcome(&self.app, &token, &who.name))
            }
            Ok(OpenIdSignIn::NotConnected) => refused(&OpenIdRefusal::NotConnected),
            Ok(OpenIdSignIn::TurnedOff) => refused(&OpenIdRefusal::TurnedOff),
            Err(fault) => error_page::failed(&fault),
        }
    }

    async fn admitted(&self, proved: ProvedIdentity) -> Result<OpenIdSignIn, StepError> {
        let deps = &self.app.deps;
        let attempt = OpenIdAttempt {
            identity: proved.identity,
            from: self.origin.from.to_string(),
            browser: browser_name::of(&self.origin.headers),
        };
        openid::sign_in(&deps.clinic.store, deps.clock.now(), attempt, &*deps.entropy).await
    }

    async fn connects(&self, mut parts: Parts) -> Response {
        let signed_in = match SignedIn::from_request_parts(&mut parts, &self.console).await {
            Ok(signed_in) => signed_in,
            Err(to_sign_in) => return to_sign_in,
        };
        match self.proved(&parts.uri, &signed_in.token).await {
            Ok(proved) => connection::confirm(&signed_in, &proved),
            Err(why) => {
                let words = why.words(self.provider.name());
                let hint = "Nothing was changed. Go back to your account to begin again.";
                let text = ErrorText { title: "Not connected", text: &words, hint };
                page::with_text(&signed_in, why.status(), &text)
            }
        }
    }

    /// Whom the provider has signed in, if this browser asked for it in that session.
    async fn proved(&self, uri: &Uri, session: &str) -> Result<ProvedIdentity, OpenIdRefusal> {
        let proved = self.looked_at(uri, session).await;
        proved.inspect_err(OpenIdRefusal::tell)
    }

    async fn looked_at(&self, uri: &Uri, session: &str) -> Result<ProvedIdentity, OpenIdRefusal> {
        let Query(query) = Query::<ReturnQuery>::try_from_uri(uri).map_err(|_| OpenIdRefusal::NotAsked)?;
        let secrets = self.pending.secrets(&self.app.deps.clinic.key, session);
        let state = query.state.unwrap_or_default();
        let is_ours = bool::from(state.as_bytes().ct_eq(secrets.state.as_bytes()));
        // Where the provider names itself in the address, it must be the one that was asked.
        let is_theirs = query.iss.is_none_or(|issuer| issuer == self.provider.issuer());
        if !is_ours || !is_theirs {
            return Err(OpenIdRefusal::NotAsked);
        }
        let code = query.code.filter(|_| query.error.is_none()).ok_or(OpenIdRefusal::Declined)?;
        let counted = self.console.attempts.count(self.pending.token(), &self.origin.network());
        counted.map_err(OpenIdRefusal::TooMany)?;
        let provider = Arc::clone(&self.provider);
        let proved = ask(&self.console, move || provider.prove(&secrets, &code)).await;
        proved.map_err(OpenIdRefusal::Provider)
    }
}

/// Whoever comes back to the sign-in page, and the provider she comes from.
struct ReturningVisitor<'a> {
    app: &'a AppState,
    provider: &'a OpenIdProvider,
    origin: &'a SignInOrigin,
}

impl ReturningVisitor<'_> {
    /// The sign-in page with why it did not work.
    fn refused(&self, to: &str, refused: &OpenIdRefusal) -> Response {
        let page = SignInForm { to, name: "", error: &refused.words(self.provider.name()) };
        sign_in::form(self.app, refused.status(), &self.origin.headers, &page)
    }
}

/// What the browser kept was good for this return.
fn cleared(response: Response) -> Response {
    with_cookies(response, BrowserTransport::clear_openid())
}

/// Path and query of this very page, if nothing in them could lead anywhere else.
fn own_address(uri: &Uri) -> Option<&str> {
    let address = uri.path_and_query()?.as_str();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/._~-?=&%+:!*$,;@()".contains(&b);
    (address.starts_with('/') && !address.starts_with("//") && address.bytes().all(is_plain))
        .then_some(address)
}
