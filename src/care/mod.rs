//! Care decides. Everything here is pure: no IO, no SQL, no async, no clock, no serialisation.

pub mod patient;
pub mod address;
pub mod one_line;
pub mod phone;
pub mod contact;
pub mod contact_kind;
pub mod inbound;
pub mod delivery;
pub mod task;
pub mod actor;
pub mod task_state;
pub mod link;
pub mod canary;
pub mod permission;
pub mod time;
pub mod plan;
pub mod publication;
pub mod roster;
pub mod checklist;
pub mod triage;
pub mod alert;
pub mod record;
pub mod refusal;
pub mod guards;
pub mod settings;
