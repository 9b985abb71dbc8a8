//! Connecting one's own account with one's sign-in at the hospital's provider: with the password typed once more, a sign-in there,
//! and a look at whom the provider means before anything is changed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use subtle::ConstantTimeEq;

use crate::exchange::openid::provider::ProvedIdentity;
use crate::journey::operations::accounts::openid::{self, OpenIdIdentity};
use crate::store::people::staff::{OpenIdConnection, Staff};
use crate::web::console::auth::openid::begin::{ask, going};
use crate::web::console::auth::openid::pending::{AuthorizationPurpose, LASTS, PendingAuthorization};
use crate::web::console::auth::openid::refusal::OpenIdRefusal;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::auth::sign_in_origin::SignInOrigin;
use crate::web::console::layout::error_page::ErrorText;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;

/// What a page says of an account's connection: since when, and whether it is with the provider of now.
pub(super) fn line(signed_in: &SignedIn, staff: &Staff, times: &TimeFormat) -> Value {
    let provider = signed_in.app.deps.openid.as_deref();
    let is_now = |one: &OpenIdConnection| provider.is_some_and(|now| now.issuer() == one.issuer);
    context! {
        provider => provider.map(|provider| provider.name().to_owned()),
        since => staff.connection.as_ref().map(|one| times.moment(one.connected_at)),
        counts => staff.connection.as_ref().is_some_and(is_now),
    }
}

/// Sends somebody whose password was right to the provider, to sign in there as herself.
pub(super) async fn begin(signed_in: &SignedIn, origin: &SignInOrigin) -> Response {
    let deps = &signed_in.app.deps;
    let Some(provider) = deps.openid.clone() else { return StatusCode::NOT_FOUND.into_response() };
    let purpose = AuthorizationPurpose::Connect;
    let pending = PendingAuthorization::new(&*deps.entropy, signed_in.now, purpose, "/account");
    let secrets = pending.secrets(&deps.clinic.key, &signed_in.token);
    let asked = Arc::clone(&provider);
    let name = provider.name().to_owned();
    match ask(&signed_in.console, move || asked.connect_url(&secrets)).await {
        // Browsers follow no redirect of a form to another site (form-action): a page of ours leads there.
        Ok(url) => {
            let page = page::render(signed_in, "to-provider", context! { url, provider => name });
            going(origin, &pending, page)
        }
        Err(fault) => {
            let refused = OpenIdRefusal::Provider(fault);
            refused.tell();
            let (text, hint) = (refused.words(&name), "Nothing was changed.");
            let text = ErrorText { title: "Not connected", text: &text, hint };
            page::with_text(signed_in, refused.status(), &text)
        }
    }
}

/// Asks whether the account is to be connected with whom the provider has signed in; changes nothing.
pub(in crate::web::console) fn confirm(signed_in: &SignedIn, proved: &ProvedIdentity) -> Response {
    let Some(provider) = signed_in.app.deps.openid.as_deref() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (digest, at) = (data_encoding::HEXLOWER.encode(&proved.identity.digest), signed_in.now.as_second());
    let seal = seal(signed_in, &proved.identity, at);
    let words = context! {
        provider => provider.name().to_owned(),
        known_as => proved.known_as.clone(),
        name => signed_in.who.name.clone(),
        proof => format!("{digest}.{at}.{seal}"),
    };
    page::render(signed_in, "connect", words)
}

/// What only this session was given for that person, then.
fn seal(signed_in: &SignedIn, identity: &OpenIdIdentity, at: i64) -> String {
    let digest = data_encoding::HEXLOWER.encode(&identity.digest);
    let made = format!("{}|{}|{digest}|{at}", signed_in.token, identity.issuer);
    signed_in.clinic().key.openid_secret("connection", &made)
}

/// Whom the page asked about, if it is ours and fresh.
fn asked_about(signed_in: &SignedIn, proof: &str) -> Option<OpenIdIdentity> {
    let issuer = signed_in.app.deps.openid.as_deref()?.issuer().to_owned();
    let mut parts = proof.splitn(3, '.');
    let (digest, at, given) = (parts.next()?, parts.next()?, parts.next()?);
    let digest = data_encoding::HEXLOWER.decode(digest.as_bytes()).ok()?.try_into().ok()?;
    let (identity, at) = (OpenIdIdentity { issuer, digest }, at.parse().ok()?);
    let is_ours = bool::from(seal(signed_in, &identity, at).as_bytes().ct_eq(given.as_bytes()));
    let age = u64::try_from(signed_in.now.as_second().saturating_sub(at)).ok()?;
    (is_ours && age <= LASTS.as_secs()).then_some(identity)
}

/// Connects one's own account, or ends its connection.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let done = match fields.get("act") {
        "connect" => {
            let Some(identity) = asked_about(&signed_in, fields.get("proof")) else {
                let (text, hint) = ("That page was too old.", "Go back to your account to begin again.");
                let text = ErrorText { title: "Not connected", text, hint };
                return page::with_text(&signed_in, StatusCode::UNPROCESSABLE_ENTITY, &text);
            };
            openid::connect(clinic, stamp, identity).await.map(|()| Notice::AccountConnected)
        }
        "disconnect" => openid::disconnect_own(clinic, stamp).await.map(|()| Notice::AccountDisconnected),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match done {
        Ok(notice) => page::saved(&signed_in, "/account", notice),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
