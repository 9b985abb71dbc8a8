//! What happens to a patient, a letter or an alert, in sub-modules named by what they are about: [`plan`] (enrol, fall due,
//! book, replan), [`outbox`] (what waits to leave), [`delivery`] (claim, send, record), [`answers`], [`alerts`], [`patients`],
//! [`operations`] (holds, clock, canary, tasks, restores), [`commands`] (what a person asks for).
//!
//! Asynchronous steps never call each other: each leaves a row, a bell wakes the next. Functions over a transaction do, in one
//! direction (ARCHITECTURE.md, "Which way calls go").

pub mod link_key;
pub mod protocol_cache;
pub mod sending_policy;
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
pub mod start_list;
pub mod status_change;
pub mod in_flight;
mod planned_follow_up;
pub mod errors;
#[cfg(test)]
mod fixture;
