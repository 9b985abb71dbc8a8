//! Alerts, whom they told, and calls to other systems.

pub mod lifecycle;
pub mod alert_pages;
pub mod notices;
pub mod webhook_calls;
pub mod rungs;
pub mod test_alerts;
mod closure_steps;
mod cover;
pub(in crate::store) mod overdue;
pub(in crate::store) mod unreadable_alerts;
