//! One's own account: password, authenticator, recovery codes, sessions.

use std::sync::Arc;

use axum::extract::Extension;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::digest;
use crate::journey::operations::accounts::own::{self, LanguageChoice, OwnSession};
use crate::store::accounts::session::EndedSessions;
use crate::web::console::auth::attempt_limits::AttemptSource;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::auth::sign_in_origin::SignInOrigin;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{machine_words, page};
use crate::web::console::people::{connection, session_lines};
use crate::web::listener::Peer;

/// Shows the account of whoever is signed in.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| shown(signed_in, StatusCode::OK, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, status: StatusCode, refused: &RefusedForm) -> Response {
    match words(signed_in) {
        Ok(words) => {
            page::with_status(signed_in, status, "own", context! { refused => refused.words(), ..words })
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn) -> Result<Value, StepError> {
    let (clinic, times) = (signed_in.clinic(), TimeFormat::from(signed_in));
    let issued = own::next_authenticator(clinic, &signed_in.who.name, &signed_in.token)?;
    let mine: String = data_encoding::HEXLOWER.encode(&digest(&signed_in.token)[..8]);
    clinic.store.read(|view| {
        let staff = view.staff_named(&signed_in.who.name)?.ok_or(AccountError::Unknown)?;
        let sessions = view.sessions_of(signed_in.who.staff, signed_in.now)?;
        let sessions = sessions.iter().map(|one| {
            context! { mine => one.handle == mine, ..session_lines::line(one, &times) }
        });
        Ok(context! {
            name => signed_in.who.name.clone(),
            role => signed_in.who.role.name(),
            chosen => signed_in.who.language.clone().unwrap_or_default(),
            languages => languages(signed_in),
            sessions => sessions.collect::<Vec<_>>(),
            openid => connection::line(signed_in, &staff, &times),
            codes => view.recovery_codes_left(signed_in.who.staff)?,
            secret => spaced(&issued.totp_secret),
            otpauth => issued.otpauth.clone(),
        })
    })
}

/// The languages to choose from, each by its own name.
fn languages(signed_in: &SignedIn) -> Vec<Value> {
    let known = signed_in.app.templates.languages();
    known.map(|code| context! { code, name => machine_words::own_name(code) }).collect()
}

/// A secret in groups of four, as it is typed over.
pub(super) fn spaced(secret: &str) -> String {
    let groups: Vec<&str> =
        secret.as_bytes().chunks(4).filter_map(|four| std::str::from_utf8(four).ok()).collect();
    groups.join(" ")
}

/// Changes the password, the authenticator or the recovery codes, or begins to connect the account.
pub(in crate::web::console) async fn submit(
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    if fields.get("act") == "language" {
        return language(&signed_in, fields.get("language")).await;
    }
    let checks = Arc::clone(&signed_in.console.checks);
    let Ok(_permit) = checks.acquire_owned().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let source = AttemptSource::Device(signed_in.token.clone());
    // A browser that was left open is no place to try passwords.
    let done = match signed_in.console.attempts.count(&signed_in.who.name, &source) {
        Err(_) => Err(AccountError::TooManyTries.into()),
        Ok(()) => change(&signed_in, &fields).await,
    };
    match done {
        Ok(Changed::Saved(notice)) => page::saved(&signed_in, "/account", notice),
        Ok(Changed::Codes(codes)) => {
            page::render(&signed_in, "recovery-codes", context! { codes, name => signed_in.who.name.clone() })
        }
        Ok(Changed::Proved) => {
            let origin = SignInOrigin::of(peer.map(|Extension(peer)| peer), headers, &signed_in.app);
            connection::begin(&signed_in, &origin).await
        }
        Ok(Changed::Nothing) => StatusCode::BAD_REQUEST.into_response(),
        Err(fault) => match session_lines::refused(&fields, fault) {
            Ok(refused) => {
                tracing::warn!(staff = %signed_in.who.name, "a change of an account's own secrets was refused");
                page::blocking(signed_in, move |signed_in| {
                    shown(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &refused)
                })
                .await
            }
            Err(fault) => page::failed(&signed_in, &fault),
        },
    }
}

async fn language(signed_in: &SignedIn, code: &str) -> Response {
    let is_known = signed_in.app.templates.languages().any(|known| known == code);
    if !is_known && !code.is_empty() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let language = is_known.then(|| code.to_owned());
    let choice = LanguageChoice { name: signed_in.who.name.clone(), language };
    match own::choose_language(signed_in.clinic(), signed_in.stamp(), choice).await {
        Ok(()) => page::saved(signed_in, "/account", Notice::LanguageChosen),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

/// What a form of the page did.
enum Changed {
    Saved(Notice),
    Codes(Vec<String>),
    /// It is she who wants her account connected.
    Proved,
    Nothing,
}

async fn change(signed_in: &SignedIn, fields: &FormFields) -> Result<Changed, StepError> {
    let clinic = signed_in.clinic();
    let raw = |name: &str| fields.all(name).next().unwrap_or_default().to_owned();
    let own =
        OwnSession { stamp: signed_in.stamp(), token: signed_in.token.clone(), password: raw("password") };
    match fields.get("act") {
        "password" => {
            own::change_password(clinic, own, raw("new")).await?;
            Ok(Changed::Saved(Notice::PasswordChanged))
        }
        "authenticator" => {
            own::renew_authenticator(clinic, own, &fields.get("code").replace(' ', "")).await?;
            Ok(Changed::Saved(Notice::AuthenticatorRenewed))
        }
        "codes" => {
            let codes = own::renew_recovery_codes(clinic, own, &*signed_in.app.deps.entropy).await?;
            Ok(Changed::Codes(codes))
        }
        "connect" => {
            own::confirm_password(clinic, own).await?;
            Ok(Changed::Proved)
        }
        _ => Ok(Changed::Nothing),
    }
}

/// Ends a session of one's own, or all but this one.
pub(in crate::web::console) async fn end_sessions(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let which = match fields.get("session") {
        "" => EndedSessions::AllBut(digest(&signed_in.token).to_vec()),
        handle => EndedSessions::One(handle.to_owned()),
    };
    match own::end_sessions(signed_in.clinic(), signed_in.stamp(), which).await {
        Ok(()) => page::saved(&signed_in, "/account", Notice::SessionsEnded),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}
