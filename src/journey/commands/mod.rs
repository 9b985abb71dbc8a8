//! What a command or a page asks for, each one change in one transaction.

pub mod operator;
pub mod signed_in;
