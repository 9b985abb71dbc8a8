//! The staff console over real sockets: who gets in, what a GET leaves alone, how an alert ends with a person.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "console/fixture.rs"]
mod fixture;
#[path = "console/wire.rs"]
mod wire;
#[path = "console/signing_in.rs"]
mod signing_in;
#[path = "console/acting.rs"]
mod acting;
#[path = "console/looking.rs"]
mod looking;
