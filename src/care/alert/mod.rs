//! A worrying answer on its way to a person: its states, who is told, and when.

pub mod lifecycle;
pub mod rung;
pub mod escalation;
pub mod cover_week;
pub mod duty;
