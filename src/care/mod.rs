//! Care decides. Everything here is pure: no IO, no SQL, no async, no clock, no serialisation.

pub mod patient;
pub mod address;
pub mod line;
pub mod calendar;
pub mod zone;
pub mod region;
pub mod phone;
pub mod trust;
pub mod protocol;
pub mod inbound;
mod grid;
pub mod plan;
pub mod fit;
pub mod slot;
pub mod lay;
pub mod change;
pub mod anew;
pub mod agenda;
pub mod reminder;
pub mod delivery;
pub mod refusal;
pub mod task;
pub mod tier;
pub mod item;
pub mod checklist;
pub mod answer;
pub mod triage;

#[cfg(test)]
pub(crate) mod sample;
pub mod alert;
pub mod permission;
pub mod rung;
pub mod ladder;
