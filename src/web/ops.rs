//! For those who run the daemon, on the console listener: is it alive, is it ready, what has it counted.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::web::measure::RequestMeasure;

/// A scrape is answered by then; Prometheus itself waits for ten seconds.
const SCRAPED_BY: Duration = Duration::from_secs(8);

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

/// What is scraped, and whose turn it is: one that hangs holds one thread, however many come after it.
#[derive(Clone)]
struct ScrapePage {
    counted: Arc<Counted>,
    turn: Arc<Semaphore>,
    within: Duration,
}

/// The pages for operators: alive, ready, counted.
pub(super) fn router(ops: Ops) -> Router {
    let scrape = ScrapePage { counted: ops.counted, turn: Arc::new(Semaphore::new(1)), within: SCRAPED_BY };
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready).with_state(ops.ready))
        .route("/metrics", get(counted).with_state(scrape))
}

async fn ready(State(ready): State<Arc<ReadinessProbe>>) -> Response {
    match ready() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response(),
    }
}

async fn counted(State(scrape): State<ScrapePage>) -> Response {
    let text = "text/plain; version=0.0.4; charset=utf-8";
    match timeout(scrape.within, scrape.read()).await {
        Ok(Some(counted)) => ([(header::CONTENT_TYPE, text)], counted).into_response(),
        Ok(None) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "this scrape, or one before it, has not come to its end\n")
                .into_response()
        }
    }
}

impl ScrapePage {
    /// It reads the database, which no thread of the pages may wait for. The turn ends with the reading, not with who waits for it.
    async fn read(&self) -> Option<String> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.ok()?;
        let counted = Arc::clone(&self.counted);
        let read = move || {
            let text = counted();
            drop(turn);
            text
        };
        tokio::task::spawn_blocking(read).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_scrape_that_hangs_holds_one_thread_and_those_after_it_are_told() {
        let (ends, end) = mpsc::channel::<()>();
        let (begun, end) = (Arc::new(AtomicUsize::new(0)), Mutex::new(end));
        let counts = Arc::clone(&begun);
        let hangs = move || {
            counts.fetch_add(1, Ordering::Relaxed);
            assert!(end.lock().unwrap().recv().is_err());
            "counted".to_owned()
        };
        let within = Duration::from_millis(30);
        let scrape = ScrapePage { counted: Arc::new(hangs), turn: Arc::new(Semaphore::new(1)), within };
        for _ in 0..5 {
            let answer = counted(State(scrape.clone())).await;
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        }
        assert_eq!(begun.load(Ordering::Relaxed), 1, "each scrape leaves a thread behind");
        drop(ends);
        let patient = ScrapePage { within: Duration::from_secs(20), ..scrape };
        assert_eq!(counted(State(patient)).await.status(), StatusCode::OK);
    }
}
