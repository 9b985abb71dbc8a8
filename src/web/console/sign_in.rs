//! Signing in, with a password and a code, and out.

use axum::extract::{Extension, FromRequest, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::context;
use serde::Deserialize;

use super::visitor::{Act, Fields, is_local};
use super::{Desk, cookie, show, source};
use crate::journey::staff::{self, Credentials, SignIn};
use crate::web::client;
use crate::web::listen::Peer;
use crate::web::rooms::Rooms;

/// Where the visitor wanted to go.
#[derive(Deserialize)]
pub(super) struct Way {
    to: Option<String>,
}

/// The form.
pub(super) async fn look(State(desk): State<Desk>, Query(way): Query<Way>) -> Response {
    form(&desk.rooms(), StatusCode::OK, (way.to.as_deref().unwrap_or("/"), ""))
}

fn form(rooms: &Rooms, status: StatusCode, words: (&str, &str)) -> Response {
    let to = if is_local(words.0) { words.0 } else { "/" };
    show::outside(rooms, status, "sign-in", context! { to, error => words.1 })
}

/// Tries name, password and code. Which of them was wrong is not told.
pub(super) async fn send(
    State(desk): State<Desk>,
    peer: Option<Extension<Peer>>,
    request: Request,
) -> Response {
    let rooms = desk.rooms();
    let headers = request.headers().clone();
    let network = peer.map(|Extension(Peer(peer))| {
        client::network(client::behind(peer, &headers, &rooms.furniture.proxies))
    });
    if network.is_some_and(|network| desk.tries.check_key(&network).is_err()) {
        return show::bare(&rooms, StatusCode::TOO_MANY_REQUESTS);
    }
    if !source::is_ours(&headers) {
        return show::bare(&rooms, StatusCode::FORBIDDEN);
    }
    let fields = match axum::Form::<Vec<(String, String)>>::from_request(request, &()).await {
        Ok(form) => Fields::new(form.0),
        Err(fault) => return show::bare(&rooms, fault.status()),
    };
    enter(&desk, &rooms, &headers, &fields).await
}

async fn enter(desk: &Desk, rooms: &Rooms, headers: &HeaderMap, fields: &Fields) -> Response {
    let furniture = &rooms.furniture;
    let typed = Credentials {
        name: fields.get("name").to_owned(),
        password: fields.all("password").next().unwrap_or_default().to_owned(),
        code: fields.get("code").replace(' ', ""),
    };
    let Ok(_turn) = desk.checks.acquire().await else {
        return show::bare(rooms, StatusCode::SERVICE_UNAVAILABLE);
    };
    let now = furniture.clock.now();
    let to = fields.get("to");
    match staff::sign_in(&furniture.clinic, now, typed, &*furniture.entropy).await {
        Ok(SignIn::Welcome(token, _)) => {
            let to = if is_local(to) { to } else { "/" };
            let mut response = Redirect::to(to).into_response();
            response.headers_mut().extend(cookie::give(headers, &token));
            response
        }
        Ok(SignIn::Wrong) => {
            let error = "That did not fit. Check name, password and the newest code; a code works once.";
            form(rooms, StatusCode::UNAUTHORIZED, (to, error))
        }
        Ok(SignIn::Rests(until)) => {
            let minutes = (until.duration_since(now).as_mins() + 1).max(1);
            let error = format!("Too many wrong tries. This account rests for {minutes} minutes.");
            form(rooms, StatusCode::TOO_MANY_REQUESTS, (to, &error))
        }
        Err(fault) => show::failed(rooms, &fault),
    }
}

/// Ends the session.
pub(super) async fn leave(headers: HeaderMap, Act { visitor, .. }: Act) -> Response {
    if let Err(fault) = staff::sign_out(visitor.clinic(), visitor.now, &visitor.token).await {
        return show::failed(&visitor.rooms, &fault);
    }
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().extend(cookie::take_back(&headers));
    response
}
