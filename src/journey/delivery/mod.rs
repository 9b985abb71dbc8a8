//! Letters leave: claimed in batches, looked at once more, sent, recorded, and what comes back.

mod batcher;
pub(crate) mod send_one;
pub mod in_flight;
mod unrecorded;
pub mod rate_limit;
mod worker;
pub mod liveness;
mod assign;
mod batch;
pub mod deliver;
pub(in crate::journey) mod outcome;
pub mod server_refusal;
pub mod bounce;
pub mod recover_leases;
pub mod send_again;
pub mod post;
