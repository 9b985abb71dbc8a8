//! What every response of the console carries: strict headers, and words where a layer answered without any.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::{error_page, page};
use crate::web::console::state::ConsoleState;
use crate::web::html::Rendered;
use crate::web::security_headers::{self, ReferrerPolicy};

/// What a page may frame, or be framed by, where that is not nothing; an extension of its response.
#[derive(Debug, Clone, Copy)]
pub(in crate::web::console) enum Framing {
    /// A page of ours that shows the HTML part of a letter in a frame.
    ShowsLetter,
    /// The HTML part itself: no script, no form, nothing fetched, in an origin of its own, only in a page of ours.
    IsLetter,
}

impl Framing {
    const fn headers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::ShowsLetter => &[(
                "content-security-policy",
                "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            )],
            Self::IsLetter => &[
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'unsafe-inline'; sandbox; form-action 'none'; frame-ancestors 'self'; base-uri 'none'",
                ),
                ("x-frame-options", "SAMEORIGIN"),
            ],
        }
    }
}

/// The page runs our one script, which asks our own pages and nothing else; an extension of its response.
#[derive(Debug, Clone, Copy)]
pub(in crate::web::console) struct PageScript;

impl PageScript {
    const HEADER: (&'static str, &'static str) = (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
}

/// Gives every response of the console its headers, and an empty error its page.
pub(in crate::web::console) async fn set_security_headers(
    State(console): State<ConsoleState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = parts.clone();
    let mut response = next.run(Request::from_parts(asked, body)).await;
    let status = response.status();
    let is_page = response.extensions().get::<Rendered>().is_some();
    if (status.is_client_error() || status.is_server_error()) && !is_page {
        let text = error_page::text_for(&response);
        response = match SignedIn::from_request_parts(&mut parts, &console).await {
            Ok(signed_in) => page::with_text(&signed_in, status, &text),
            Err(_) => {
                let app = console.app();
                let language = app.staff_language(None, &parts.headers);
                error_page::signed_out(&app, &language, status, &text)
            }
        };
    }
    let framing = response.extensions().get::<Framing>().map_or(&[][..], |framing| framing.headers());
    let script = response.extensions().get::<PageScript>().map(|_| PageScript::HEADER);
    let own_url = console.app().deps.clinic.care.console_url.clone();
    let headers = response.headers_mut();
    security_headers::set(headers, ReferrerPolicy::OwnPages);
    security_headers::stay_encrypted(headers, &own_url);
    for (name, value) in framing.iter().chain(&script) {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
