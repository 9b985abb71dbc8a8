//! Reads what reaches a mailbox of ours.

mod headers;
mod correlation;
mod dsn;
mod plain_notice;
mod calendar_reply;
mod auto_reply;
mod text;
pub mod read;
