//! Follow-ups: taken on, falling due, booked, replanned, ended.

pub(crate) mod pick_follow_up;
mod booking_letter;
mod expiry;
pub mod newcomer_check;
pub mod enrol;
pub mod unbooked;
pub mod outlook;
pub mod fall_due;
pub(in crate::journey) mod discharge;
pub mod book;
pub mod replan;
pub mod replan_preview;
pub mod withdraw_follow_up;
pub mod booking_request;
