//! The pages: what patients see ([`public`]), what staff see ([`console`]) and what ops see ([`ops`]). Two listeners, one
//! loop under both ([`listen`]). Pages change things only through `journey`; a GET changes nothing (P13).
//!
//! Reading order: [`rooms`] (what pages are made of), [`layers`] (what stands before every page), [`public`].

mod client;
mod console;
mod html;
mod layers;
mod listen;
mod ops;
mod public;
mod rooms;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

pub use html::PageFault;
pub use layers::Rate;
pub use listen::Bounds;
pub use ops::{Counted, Ops, Ready};
pub use rooms::{Furniture, InForce, Rooms};

/// What strangers may ask of a listener.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Of every connection.
    pub bounds: Bounds,
    /// Of every client.
    pub rate: Rate,
}

/// Serves the patients' pages until stopped.
pub async fn serve_public(listener: TcpListener, rooms: InForce, limits: Limits, stop: CancellationToken) {
    let front = layers::Front::new(rooms, Arc::new(limits.bounds), limits.rate);
    let seen = Arc::clone(&front.seen);
    let proxies = proxies(&front.rooms);
    let bounds = Arc::clone(&front.bounds);
    let door = listen::Door { router: dressed(public::router(), front), bounds, proxies };
    tokio::join!(listen::run(listener, door, stop.clone()), layers::janitor(seen, stop));
}

/// Serves the console and the ops pages until stopped.
pub async fn serve_console(
    listener: TcpListener,
    furnished: (InForce, Ops),
    bounds: Bounds,
    stop: CancellationToken,
) {
    let (rooms, ops) = furnished;
    let proxies = proxies(&rooms);
    let desk = console::Desk::new(rooms, ops.clone());
    let pages = console::router(desk, &bounds);
    let router = ops::router(ops).merge(pages).layer(CatchPanicLayer::custom(layers::after_panic));
    let door = listen::Door { router, bounds: Arc::new(bounds), proxies };
    listen::run(listener, door, stop).await;
}

/// The trusted proxies of the configuration in force.
fn proxies(rooms: &InForce) -> listen::Proxies {
    let rooms = rooms.clone();
    Arc::new(move || rooms.borrow().furniture.proxies.clone())
}

fn dressed(router: Router, front: layers::Front) -> Router {
    router.layer(CatchPanicLayer::custom(layers::after_panic)).layer(from_fn_with_state(front, layers::front))
}
