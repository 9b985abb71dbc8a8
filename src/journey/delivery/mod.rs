//! Letters leave: claimed in batches, looked at once more, sent, recorded, and what comes back.

mod batcher;
mod send_one;
mod in_flight;
mod unrecorded;
pub(crate) mod rate_limit;
mod worker;
mod liveness;
mod assign;
mod batch;
pub mod deliver;
pub(in crate::journey) mod outcome;
pub mod server_refusal;
pub mod bounce;
pub mod recover_leases;
