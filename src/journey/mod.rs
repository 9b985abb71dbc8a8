//! What happens to a patient, a letter or an alert, in sub-modules named by what they are about: [`plan`] (enrol, fall due,
//! book, replan), [`outbox`] (what waits to leave), [`delivery`] (claim, send, record), [`answers`], [`alerts`], [`patients`],
//! [`protocols`] (drafts, publications), [`roster`] (imports), [`operations`] (holds, clock, canary, tasks, restores),
//! [`settings`] (what staff decide for themselves), [`forecast`] (what is to come, counted), [`commands`] (what a person asks for).
//!
//! An asynchronous step leaves a row, and a bell wakes the next; the three that call one of another file are listed with their
//! reason, and so are the few functions over a transaction that lean against the direction of the others (ARCHITECTURE.md,
//! "Which way calls go", and `tests/architecture/layers.rs`).

pub mod link_key;
pub mod authenticator_seal;
pub mod file_protocols;
pub mod protocol_cache;
pub mod sending_policy;
pub mod alert_policy;
pub mod authorize;
pub mod plan;
pub mod protocols;
pub mod outbox;
pub mod delivery;
pub mod answers;
pub mod alerts;
pub mod patients;
pub mod operations;
pub mod roster;
pub mod settings;
pub mod commands;
pub mod forecast;
pub mod deps;
pub mod start_list;
pub mod status_change;
pub mod owner_seen;
pub mod in_flight;
mod planned_follow_up;
pub mod errors;
#[cfg(test)]
mod fixture;
