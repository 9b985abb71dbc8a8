//! aftercare: follow-up reminders and spine-warning checklists that reach the patient, and a person when it matters.
//!
//! Rooms in reading order; a room may use only those above it (`tests/architecture.rs` holds the table):
//!
//! 1. [`care`] decides: pure rules over civil dates, answers and states.
//! 2. [`letter`] finds the words; [`ports`] names what the world must offer.
//! 3. [`store`] remembers: all SQL, one writer, a closed ledger, an audit chain.
//! 4. [`journey`] acts: enrol, replan, fall due, deliver, rescue, respond, chase, alert. No asynchronous step calls another.
//! 5. [`mail`], [`clock`], [`config`], [`exchange`], [`web`], [`daemon`], [`cli`] talk to the world.

pub mod care;
pub mod letter;
pub mod ports;
pub mod store;
pub mod journey;
pub mod mail;
pub mod clock;
pub mod config;
pub mod telemetry;
pub mod exchange;
pub mod web;
pub mod daemon;
pub mod cli;
