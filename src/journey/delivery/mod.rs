//! Letters leave: claimed in batches, looked at once more, sent, recorded, and what comes back.

mod batcher;
pub(crate) mod send_one;
mod unrecorded;
pub mod rate_limit;
mod worker;
pub mod liveness;
mod assign;
mod batch;
mod due_letters;
pub mod deliver;
pub(in crate::journey) mod outcome;
pub mod post;
pub mod next_due;
pub mod test_letter;
pub mod failure;
