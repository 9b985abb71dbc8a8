//! What happens, one verb per file. An asynchronous step calls no other: it leaves a row, a bell wakes the next.
//!
//! Sub-rooms lean only downward: commands, delivery, operations, patients, answers, plan, alerts, outbox, the files here
//! (`tests/architecture.rs` holds the order and its exceptions).
//!
//! enrol → (a bell rings) fall_due → deliver → respond → alert, chase, discharge; beside them book, status, replan, rescue,
//! new_link, opt_out, task, standing, cover, canary and staff.

pub mod link_key;
pub mod protocol_cache;
pub mod sending_policy;
pub mod error;
pub mod alert_policy;
pub mod authorize;
pub mod plan;
pub mod outbox;
pub mod delivery;
pub mod answers;
pub mod alerts;
pub mod patients;
pub mod operations;
pub mod commands;
pub mod deps;
#[cfg(test)]
mod fixture;
