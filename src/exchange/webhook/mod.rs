//! Signed calls to other systems, such as a pager gateway.

pub mod call;
mod lanes;
