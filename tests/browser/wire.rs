//! How commands travel to chromedriver: by ureq, which the program speaks with anyway. Other clients of HTTP would build half of the
//! dependencies a second time (tests/architecture/features.rs).

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use thirtyfour::error::{WebDriverError, WebDriverResult};
use thirtyfour::session::http::{Body, HttpClient};

/// More than any picture of a page.
const LONGEST: u64 = 256 * 1024 * 1024;

/// A connection to chromedriver that stays open from one command to the next.
pub(crate) struct Wire(ureq::Agent);

impl Wire {
    pub(crate) fn new() -> Self {
        // What the browser refuses comes with a status and says why in its body. A page may load as long as chromedriver lets it.
        Self(ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into())
    }
}

impl HttpClient for Wire {
    fn send<'wire, 'json, 'sent>(
        &'wire self,
        request: Request<Body<'json>>,
    ) -> BoxFuture<'sent, WebDriverResult<Response<Bytes>>>
    where
        'wire: 'sent,
        'json: 'sent,
    {
        let agent = self.0.clone();
        let (parts, body) = request.into_parts();
        let body = match body {
            Body::Empty => None,
            Body::Json(json) => Some(json.to_string()),
        };
        let asked = tokio::task::spawn_blocking(move || match body {
            None => answer(agent.run(Request::from_parts(parts, ()))),
            Some(body) => answer(agent.run(Request::from_parts(parts, body))),
        });
        Box::pin(async { asked.await.unwrap().map_err(|e| WebDriverError::HttpError(e.to_string())) })
    }

    fn new<'wire, 'made>(&'wire self) -> BoxFuture<'made, Arc<dyn HttpClient>>
    where
        'wire: 'made,
    {
        Box::pin(async { Arc::new(Self::new()) as Arc<dyn HttpClient> })
    }
}

fn answer(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Response<Bytes>, ureq::Error> {
    let (parts, body) = answer?.into_parts();
    let body = body.into_with_config().limit(LONGEST).read_to_vec()?;
    Ok(Response::from_parts(parts, body.into()))
}
