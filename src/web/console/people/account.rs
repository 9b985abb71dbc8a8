//! A colleague's account, as an administrator sees it: role, sessions, and what can be done with it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::care::permission::StaffRole;
use crate::journey::errors::step::StepError;
use crate::journey::operations::accounts::{administer, invitation, openid};
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::people::{connection, list, session_lines};

/// Shows the account of that sign-in name.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(name): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &name) {
        Ok(words) => page::render(signed_in, "account", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, name: &str) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    signed_in.clinic().store.read(|view| {
        let staff = view.staff_named(name)?.ok_or_else(|| StoreError::not_found("account"))?;
        let sessions = view.sessions_of(staff.id, signed_in.now)?;
        let sessions: Vec<Value> = sessions.iter().map(|one| session_lines::line(one, &times)).collect();
        let roles = StaffRole::ALL
            .map(|role| context! { word => role.word(), name => role.name(), purpose => role.purpose() });
        Ok(context! {
            account => list::account(&staff, &times),
            openid => connection::line(signed_in, &staff, &times),
            own => staff.name == signed_in.who.name,
            codes => view.recovery_codes_left(staff.id)?,
            sessions,
            roles => roles.to_vec(),
        })
    })
}

/// Gives the account another role.
pub(in crate::web::console) async fn change_role(
    Path(name): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let Some(role) = StaffRole::parse(fields.get("role")) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let done = administer::change_role(signed_in.clinic(), signed_in.stamp(), name.clone(), role).await;
    answer(&signed_in, &name, done.map(|()| Notice::RoleChanged))
}

/// Turns the account off. A reset turns it on again.
pub(in crate::web::console) async fn turn_off(
    Path(name): Path<String>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let done = administer::turn_off(signed_in.clinic(), signed_in.stamp(), name.clone()).await;
    answer(&signed_in, &name, done.map(|()| Notice::AccountOff))
}

/// Ends the account's connection with the hospital's provider.
pub(in crate::web::console) async fn disconnect(
    Path(name): Path<String>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let done = openid::disconnect(signed_in.clinic(), signed_in.stamp(), name.clone()).await;
    answer(&signed_in, &name, done.map(|()| Notice::AccountDisconnected))
}

/// Ends the account's sessions.
pub(in crate::web::console) async fn end_sessions(
    Path(name): Path<String>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    let done = administer::end_sessions(signed_in.clinic(), signed_in.stamp(), name.clone()).await;
    answer(&signed_in, &name, done.map(|_| Notice::SessionsEnded))
}

/// Locks the account and shows the link by which its owner comes back in, once.
pub(in crate::web::console) async fn reset(
    Path(name): Path<String>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    // To load the page with the link once more must not end the link that was handed over.
    let open = signed_in.clinic().store.read(|view| view.invitations(signed_in.now));
    let is_anew = open.is_ok_and(|open| open.iter().any(|one| one.staff.is_some() && one.name == name));
    if let Some(page) = Some(&signed_in).filter(|_| is_anew).and_then(page::done_before) {
        return page;
    }
    let entropy = &*signed_in.app.deps.entropy;
    match invitation::reset_by_link(signed_in.clinic(), signed_in.stamp(), name.clone(), entropy).await {
        Ok(issued) => list::link(&signed_in, &issued, context! { name, is_anew }),
        Err(fault) => page::failed(&signed_in, &fault),
    }
}

fn answer(signed_in: &SignedIn, name: &str, done: Result<Notice, StepError>) -> Response {
    match done {
        Ok(notice) => page::saved(signed_in, &format!("/people/{name}"), notice),
        Err(fault) => page::failed(signed_in, &fault),
    }
}
