//! Where a patient stands: her record, her wishes, what she writes.

mod auto_reply;
mod sender_match;
pub mod status;
pub(in crate::journey) mod duplicates;
pub(in crate::journey) mod resume;
pub mod inbound;
pub mod mailbox;
pub mod opt_out;
pub mod amend;
pub mod erase;
pub mod merge;
pub mod contact;
pub mod death_reversal;
pub mod reversal_request;
