//! Protocols, enrolments, follow-ups, appointments and reminders.

pub mod protocols;
pub mod follow_ups;
pub mod enrolments;
pub mod appointments;
pub mod reminders;
pub mod zone_rules;
pub mod suspended;
pub mod drafts;
pub mod in_force;
pub mod publications;
pub mod sample;
pub(in crate::store) mod frozen;
