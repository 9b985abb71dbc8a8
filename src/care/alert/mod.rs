//! A worrying answer on its way to a person: its states, who is told, and when.

pub mod lifecycle;
pub mod closure_step;
pub mod mri_date;
pub mod ring_dates;
pub mod rung;
pub mod cover;
pub mod escalation;
pub mod cover_week;
pub mod duty;
pub mod absence;
pub mod call;
