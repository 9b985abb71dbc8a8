//! The patients' pages over real sockets: what they show, what they store, and what strangers cannot do to them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "public/clinic.rs"]
mod clinic;
#[path = "public/wire.rs"]
mod wire;
#[path = "public/way.rs"]
mod way;
#[path = "public/links.rs"]
mod links;
#[path = "public/stop.rs"]
mod stop;
#[path = "public/hostile.rs"]
mod hostile;
#[path = "public/looking.rs"]
mod looking;
