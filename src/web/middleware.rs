//! What every request to the patients' pages passes: limits, strict headers, and a plain page with the warning list and the
//! numbers instead of any bare error.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use super::client_address;
use super::html::{self, Rendered};
use crate::letter::wording::PAGE_LANGUAGE;
use crate::web::app_state::{AppState, CurrentState};
use crate::web::listener::{Bounds, Peer};
use crate::web::security_headers::{self, ReferrerPolicy};

/// How many requests one client may make: so many at once, and so many more each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The most requests at once.
    pub burst: NonZeroU32,
    /// Requests that are given back each second.
    pub per_second: NonZeroU32,
}

impl Default for Rate {
    fn default() -> Self {
        // A family behind one address fills several forms; a scanner asks for hundreds of pages.
        Self {
            burst: NonZeroU32::new(200).unwrap_or(NonZeroU32::MIN),
            per_second: NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN),
        }
    }
}

/// What the layers of one listener work with.
#[derive(Clone)]
pub(super) struct RequestLimits {
    pub(super) app: CurrentState,
    pub(super) bounds: Arc<Bounds>,
    pub(super) clients: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl RequestLimits {
    pub(super) fn new(app: CurrentState, bounds: Arc<Bounds>, rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { app, bounds, clients: Arc::new(RateLimiter::keyed(quota)) }
    }
}

/// Forgets clients who have been quiet, so that the count of addresses can not grow for ever.
pub(super) async fn forget_quiet_clients(
    clients: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(60))).await.is_some() {
        clients.retain_recent();
        clients.shrink_to_fit();
    }
}

/// Lets a request through within its limits, and gives every response its headers; an error becomes a page in words.
pub(super) async fn limit_and_harden(
    State(limits): State<RequestLimits>,
    mut request: Request,
    next: Next,
) -> Response {
    let app = Arc::clone(&limits.app.borrow());
    request.extensions_mut().insert(Arc::clone(&app));
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let (uri, shared) = (request.uri().clone(), request.uri().path().starts_with("/static/"));
    let mut response = match admit(&limits, &app, request).await {
        Ok(request) => next.run(request).await,
        Err(status) => status.into_response(),
    };
    let status = response.status();
    if (status.is_client_error() || status.is_server_error())
        && response.extensions().get::<Rendered>().is_none()
    {
        let language = app.negotiate_language(asked_language(&uri).as_deref(), &headers);
        response = error_page(&app, &response, &language);
    }
    if !shared || !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    set_security_headers(&mut response, &app);
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    response
}

/// Lets a request in with its whole body, or says why not.
async fn admit(limits: &RequestLimits, app: &AppState, request: Request) -> Result<Request, StatusCode> {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    let client = peer.map(|peer| client_address::behind(peer, request.headers(), &app.deps.proxies));
    if client.is_some_and(|client| limits.clients.check_key(&client_address::network(client)).is_err()) {
        return Err(StatusCode::TOO_MANY_REQUESTS);
    }
    let (parts, body) = request.into_parts();
    let body = if parts.method == Method::POST {
        read_body(limits, &parts.headers, body).await?
    } else {
        Bytes::new()
    };
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read_body(limits: &RequestLimits, headers: &HeaderMap, body: Body) -> Result<Bytes, StatusCode> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|line| line.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|said| said > limits.bounds.body_bytes) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let read =
        tokio::time::timeout(limits.bounds.body_within, to_bytes(body, limits.bounds.body_bytes)).await;
    // A body that breaks off and one that is too long look alike here; neither is a form.
    read.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
}

/// The language that an address asks for, as links in letters do.
fn asked_language(uri: &Uri) -> Option<String> {
    let Query(fields) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    fields.into_iter().find(|(name, _)| name == PAGE_LANGUAGE).map(|(_, code)| code)
}

/// A refusal in words, with the warning list and the numbers, and nothing of what was sent.
fn error_page(app: &AppState, original: &Response, language: &str) -> Response {
    let (status, body) = app.error_page(language, original.status());
    let mut response = html::page(status, language, body);
    if let Some(allow) = original.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}

/// The response in place of a page that panicked; its words come with [`error_page`].
pub(super) fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a page panicked; the request was answered with the fault page");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn set_security_headers(response: &mut Response, app: &AppState) {
    let headers = response.headers_mut();
    security_headers::set(headers, ReferrerPolicy::Nobody);
    let public_url = app.deps.clinic.policy.public_url.as_deref().unwrap_or("");
    security_headers::stay_encrypted(headers, public_url);
}
