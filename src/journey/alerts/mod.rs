//! An alert rings until a signed-in person acts; and the proof that it can.

mod overdue;
mod acknowledge;
mod unreachable_rung;
mod other_channels;
pub(in crate::journey) mod notify;
pub mod escalate;
pub mod webhook_calls;
pub mod cover;
