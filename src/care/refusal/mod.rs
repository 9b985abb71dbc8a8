//! What a mail server's refusal is about: her mailbox, this letter, us, or the moment.

pub mod classify;
pub mod cause;
pub mod status_codes;
pub mod similarity;
pub mod probe;
pub mod phrases;
pub mod reason;
pub(in crate::care::refusal) mod sentence_marks;
pub(in crate::care::refusal) mod sentence;
pub mod envelope;
pub mod status;
pub mod reply_code;
pub mod notice_line;
pub mod receipt;
