//! Signed calls to other systems, such as a pager gateway.

pub mod call;
pub(crate) mod lanes;
pub mod client;
