//! The pages: what patients see ([`public`]), what staff see ([`console`]) and what ops see ([`ops`]). Two listeners, one
//! loop under both ([`listener`]). Pages change things only through `journey`; a GET changes nothing (P13).
//!
//! Reading order: [`app_state`] (what pages are made of), [`middleware`] (what every request passes first), [`public`].

mod client_address;
pub mod console;
pub(crate) mod html;
mod known_host;
pub mod middleware;
pub mod listener;
pub mod locale;
pub mod measure;
pub mod ops;
mod public;
pub mod app_state;
mod page_words;
pub mod plan_picture;
mod security_headers;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::web::app_state::{AppState, CurrentState, PageDeps};
use crate::web::console::state::ConsoleState;
use crate::web::html::{PageFault, TemplateSource, Templates};
use crate::web::listener::{Bounds, ListenerSetup, Proxies};
use crate::web::locale::shipped;
use crate::web::measure::{MeasuredListener, RequestListener, RequestMeasure};
use crate::web::middleware::{Rate, RequestLimits};
use crate::web::ops::Ops;

/// A page for a patient is shown by then: longer than a form waits for its answers to be stored, and then says what to do.
const PATIENCE: Duration = Duration::from_secs(30);

/// What anybody may ask of a listener.
#[derive(Debug, Clone, Default)]
pub struct ListenerLimits {
    /// What one connection may cost, and how many there may be.
    pub bounds: Bounds,
    /// How many requests one client may make.
    pub rate: Rate,
}

/// Puts the pages together: the templates of patients and staff, and what fills them.
///
/// # Errors
/// [`PageFault`] when a template is faulty, or a language has no warning list.
pub fn build_state(deps: PageDeps) -> Result<AppState, PageFault> {
    AppState::new(deps, Templates::new(templates(), shipped::others()), public::layout::SHEET.path())
}

/// Every template that ships with the program.
fn templates() -> impl Iterator<Item = &'static TemplateSource> {
    public::templates::TEMPLATES.iter().chain(console::templates::TEMPLATES)
}

/// What the patients' listener serves.
pub struct PatientPages {
    /// What the pages in force are made of.
    pub app: CurrentState,
    /// Told how each request was answered.
    pub measure: RequestMeasure,
}

/// Serves the patients' pages until stopped.
pub async fn serve_public(
    listener: TcpListener,
    pages: PatientPages,
    limits: ListenerLimits,
    stop: CancellationToken,
) {
    let PatientPages { app, measure } = pages;
    let measured = MeasuredListener { app: app.clone(), listener: RequestListener::Public, measure };
    let limits = RequestLimits::new(app, Arc::new(limits.bounds), limits.rate);
    let clients = Arc::clone(&limits.clients);
    let proxies = proxies(&limits.app);
    let bounds = Arc::clone(&limits.bounds);
    // What a page waits for may hang: then she is shown the numbers to call.
    let within = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE);
    let router = with_limits(public::router().layer(within), limits)
        .layer(from_fn_with_state(measured, measure::measure));
    let setup = ListenerSetup { router, bounds, proxies };
    tokio::join!(
        listener::run(listener, setup, stop.clone()),
        middleware::forget_quiet_clients(clients, stop)
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
    let (app_of, measure) = (app.clone(), ops.measure.clone());
    let measured = MeasuredListener { app: app_of.clone(), listener: RequestListener::Console, measure };
    let console = ConsoleState::new(app, ops.clone());
    let pages = console::router(console, &bounds);
    let router = ops::router(ops)
        .merge(pages)
        .layer(CatchPanicLayer::custom(middleware::after_panic))
        .layer(from_fn_with_state(measured, measure::measure))
        .layer(from_fn_with_state(app_of, known_host::refuse_others));
    let setup = ListenerSetup { router, bounds: Arc::new(bounds), proxies };
    listener::run(listener, setup, stop).await;
}

/// The trusted proxies of the configuration in force.
fn proxies(app: &CurrentState) -> Proxies {
    let app = app.clone();
    Arc::new(move || app.borrow().deps.proxies.clone())
}

fn with_limits(router: Router, limits: RequestLimits) -> Router {
    router
        .layer(CatchPanicLayer::custom(middleware::after_panic))
        .layer(from_fn_with_state(limits, middleware::limit_and_harden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_compiles_and_brings_no_script_but_our_one() {
        const OURS: &str = "<script src=\"{{ script }}\" defer></script>";
        assert_eq!(Templates::new(templates(), shipped::others()).faults(), Vec::<String>::new());
        for TemplateSource { name, text } in templates() {
            let text =
                if *name == "console/today.html" { text.replace(OURS, "") } else { (*text).to_owned() };
            for banned in ["<script", "javascript:", " style=", "http://", "https://", "onclick"] {
                assert!(!text.contains(banned), "{name}: {banned}");
            }
        }
        assert!(!crate::web::public::layout::SHEET.css.contains("url("), "no third-party asset");
    }
}
