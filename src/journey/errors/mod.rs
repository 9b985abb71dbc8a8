//! Why a step could not be taken: one small enum a family of steps, composed in [`step::StepError`].

pub mod step;
pub mod content;
pub mod permission;
pub mod answer;
pub mod people;
pub mod booking;
pub mod enrolment;
pub mod account;
pub mod alert;
pub mod replay;
pub mod protocol;
pub mod roster;
pub mod setting;
pub mod guard;
pub mod wording;
