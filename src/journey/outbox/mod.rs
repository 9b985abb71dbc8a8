//! Letters on their way into the outbox and out of it again: promised, composed, held to hours, retried.

pub mod opt_out_reasons;
pub(in crate::journey) mod contents;
pub(in crate::journey) mod enqueue;
pub mod compose;
pub mod replay;
pub mod preview;
pub(in crate::journey) mod send_window;
pub(in crate::journey) mod redelivery;
pub(in crate::journey) mod auto_reply_headers;
pub mod retry;
pub(in crate::journey) mod notice;
pub mod withdraw;
pub mod fact_names;
pub(in crate::journey) mod final_check;
