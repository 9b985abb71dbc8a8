//! An alert rings until a signed-in person acts; and the proof that it can.

mod overdue;
pub(crate) mod acknowledge;
pub(crate) mod give_back;
pub(in crate::journey) mod unreachable_rung;
pub(in crate::journey) mod other_channels;
pub(in crate::journey) mod notify;
pub mod escalate;
pub mod webhook_calls;
pub mod cover;
pub mod test_alert;
pub mod cause;
pub mod ring;
