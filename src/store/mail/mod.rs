//! The outbox and ledger, doubts, refusals, and what comes back.

pub mod delivery;
pub mod outbox;
pub mod final_check;
pub mod letter_stops;
pub mod volume;
pub mod outlook;
pub(in crate::store) mod doubts;
pub(in crate::store) mod bounces;
pub mod put_off;
pub mod mail_refusal;
pub mod refusals;
mod deferred;
pub mod inbound;
mod inbound_retention;
