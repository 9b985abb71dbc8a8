//! Reads what reaches a mailbox of ours.

mod headers;
mod correlation;
mod dsn;
mod encoding;
mod plain_notice;
mod calendar_reply;
mod calendar_words;
mod auto_reply;
mod reader_news;
mod sentence;
mod sender_check;
mod signs;
mod text;
pub mod read;
