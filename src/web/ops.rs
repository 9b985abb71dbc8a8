//! For those who run the daemon, on the console listener: is it alive, is it ready, what has it counted.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::web::measure::RequestMeasure;

/// Says whether the daemon can do its work: a change was committed lately, the loops move on. It waits for nothing, and
/// the reason names no person.
pub(crate) type ReadinessProbe = dyn Fn() -> Result<(), String> + Send + Sync;

/// What has been counted, in Prometheus' text format.
pub(crate) type Counted = dyn Fn() -> String + Send + Sync;

/// What the ops pages ask.
#[derive(Clone)]
pub struct Ops {
    /// Whether the daemon can do its work, for `/readyz`.
    pub ready: Arc<ReadinessProbe>,
    /// The counters as text, for `/metrics`.
    pub counted: Arc<Counted>,
    /// Told how each request to the console's listener was answered.
    pub measure: RequestMeasure,
}

/// The pages for operators: alive, ready, counted.
pub(super) fn router(ops: Ops) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(counted))
        .with_state(ops)
}

async fn ready(State(ops): State<Ops>) -> Response {
    match (ops.ready)() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    }
}

async fn counted(State(ops): State<Ops>) -> Response {
    let text = "text/plain; version=0.0.4; charset=utf-8";
    // It reads the database, which no thread of the pages may wait for.
    match tokio::task::spawn_blocking(move || (ops.counted)()).await {
        Ok(counted) => ([(header::CONTENT_TYPE, text)], counted).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
