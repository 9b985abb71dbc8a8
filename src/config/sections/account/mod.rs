//! Accounts with the mail provider that a password does not open.

pub mod oauth;
pub mod imap;
