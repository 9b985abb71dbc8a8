//! The pages: what patients see ([`public`]), what staff see ([`console`]) and what ops see ([`ops`]). Two listeners, one
//! loop under both ([`crate::web::listener`]). Pages change things only through `journey`; a GET changes nothing (P13).
//!
//! Reading order: [`crate::web::app_state`] (what pages are made of), [`crate::web::middleware`] (what stands before every page), [`public`].

mod client_address;
mod console;
pub(crate) mod html;
pub mod middleware;
pub mod listener;
pub mod ops;
mod public;
pub mod app_state;
mod page_words;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::web::app_state::{AppState, CurrentState, PageDeps};
use crate::web::html::{PageFault, TemplateSource, Templates};
use crate::web::listener::Bounds;
use crate::web::middleware::Rate;

use crate::web::ops::Ops;

/// What strangers may ask of a listener.
#[derive(Debug, Clone, Default)]
pub struct ListenerLimits {
    /// Of every connection.
    pub bounds: Bounds,
    /// Of every client.
    pub rate: Rate,
}

/// Puts the pages together: the templates of patients and staff, and what fills them.
///
/// # Errors
/// [`PageFault`] when a template is faulty, or a language has no warning list.
pub fn build_state(deps: PageDeps) -> Result<AppState, PageFault> {
    AppState::new(deps, Templates::new(templates())?, public::layout::SHEET.path())
}

/// Every template that ships with the program.
fn templates() -> impl Iterator<Item = &'static TemplateSource> {
    public::templates::TEMPLATES.iter().chain(console::templates::TEMPLATES)
}

/// Serves the patients' pages until stopped.
pub async fn serve_public(
    listener: TcpListener,
    app: CurrentState,
    limits: ListenerLimits,
    stop: CancellationToken,
) {
    let front = crate::web::middleware::RequestLimits::new(app, Arc::new(limits.bounds), limits.rate);
    let seen = Arc::clone(&front.seen);
    let proxies = proxies(&front.app);
    let bounds = Arc::clone(&front.bounds);
    let door =
        crate::web::listener::ListenerSetup { router: dressed(public::router(), front), bounds, proxies };
    tokio::join!(
        crate::web::listener::run(listener, door, stop.clone()),
        crate::web::middleware::janitor(seen, stop)
    );
}

/// What the console's listener serves.
pub struct StaffPages {
    /// What the pages in force are made of.
    pub app: CurrentState,
    /// What the ops pages ask.
    pub ops: Ops,
}

/// Serves the console and the ops pages until stopped.
pub async fn serve_console(
    listener: TcpListener,
    pages: StaffPages,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let StaffPages { app, ops } = pages;
    let proxies = proxies(&app);
    let console = crate::web::console::state::ConsoleState::new(app, ops.clone());
    let pages = console::router(console, &bounds);
    let router =
        ops::router(ops).merge(pages).layer(CatchPanicLayer::custom(crate::web::middleware::after_panic));
    let door = crate::web::listener::ListenerSetup { router, bounds: Arc::new(bounds), proxies };
    crate::web::listener::run(listener, door, stop).await;
}

/// The trusted proxies of the configuration in force.
fn proxies(app: &CurrentState) -> crate::web::listener::Proxies {
    let app = app.clone();
    Arc::new(move || app.borrow().deps.proxies.clone())
}

fn dressed(router: Router, front: crate::web::middleware::RequestLimits) -> Router {
    router
        .layer(CatchPanicLayer::custom(crate::web::middleware::after_panic))
        .layer(from_fn_with_state(front, crate::web::middleware::front))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles_and_brings_no_script() {
        assert!(Templates::new(templates()).is_ok());
        for TemplateSource { name, text } in templates() {
            for banned in ["<script", "javascript:", " style=", "http://", "https://", "onclick"] {
                assert!(!text.contains(banned), "{name}: {banned}");
            }
        }
        assert!(!public::layout::SHEET.css.contains("url("), "no third-party asset");
    }
}
