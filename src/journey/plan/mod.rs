//! Follow-ups: taken on, falling due, booked, replanned, ended.

mod pick_follow_up;
mod booking_letter;
mod expiry;
pub mod enrol;
pub mod fall_due;
pub(in crate::journey) mod discharge;
pub mod book;
pub mod replan;
mod replan_preview;
