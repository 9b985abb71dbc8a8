//! What happens, one verb per file, in order. Steps never call each other: they leave a row, a bell wakes the next.
//!
//! enrol → (a bell rings) fall_due → deliver → respond → alert, chase, discharge; beside them book, status, replan, rescue,
//! new_link, opt_out, task, standing, cover, canary and staff.

pub mod link_key;
pub mod protocol_cache;
pub mod sending_policy;
pub mod error;
pub mod content_error;
pub mod permission_error;
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
