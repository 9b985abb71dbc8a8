//! How each request was answered, told to whoever counts: the listener, the template of the route, the status, how long it
//! took. Never what was asked for: a path may hold a secret.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::app_state::CurrentState;

/// The listener that a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestListener {
    /// That of the patients' pages.
    Public,
    /// That of the console and the pages of ops.
    Console,
}

impl RequestListener {
    /// The word by which it is counted.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Console => "console",
        }
    }
}

/// How one request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredRequest<'a> {
    /// Where it came to.
    pub listener: RequestListener,
    /// The template of its route, e.g. `/c/{token}`; `other` for a path that there is not.
    pub route: &'a str,
    /// The HTTP status of the response.
    pub status: u16,
    /// From the request's head to the response's.
    pub took: Duration,
}

/// Told of each request; by itself nobody is.
#[derive(Clone)]
pub struct RequestMeasure(Arc<dyn Fn(&AnsweredRequest<'_>) + Send + Sync>);

impl RequestMeasure {
    /// Tells whoever counts of each request.
    #[must_use]
    pub fn new(tell: impl Fn(&AnsweredRequest<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl Default for RequestMeasure {
    fn default() -> Self {
        Self::new(|_| ())
    }
}

/// What the layer that measures works with.
#[derive(Clone)]
pub(super) struct MeasuredListener {
    pub(super) app: CurrentState,
    pub(super) listener: RequestListener,
    pub(super) measure: RequestMeasure,
}

/// Answers a request and tells how.
pub(super) async fn measure(
    State(measured): State<MeasuredListener>,
    request: Request,
    next: Next,
) -> Response {
    let clock = Arc::clone(&measured.app.borrow().deps.clock);
    let began = clock.monotonic();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = matched.as_ref().map_or("other", |path| template(path.as_str()));
    (measured.measure.0)(&AnsweredRequest {
        listener: measured.listener,
        route,
        status: response.status().as_u16(),
        took: clock.monotonic().saturating_sub(began),
    });
    response
}

/// Files of a page bear a hash of their content in their name; they are counted as one route.
fn template(path: &str) -> &str {
    if path.starts_with("/static/") { "/static/{name}" } else { path }
}
