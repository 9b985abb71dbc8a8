//! Databases that are encrypted as whole files by SQLCipher: pages, log and copies. SQLite says of a file whether it is plain; this
//! process holds the keys that its configuration names and no others, so that every connection, whoever opens it, finds the right
//! one here.
//!
//! Nothing of it is compiled in or out: whether SQLite was built as SQLCipher (the cargo feature `encryption`) is asked of
//! SQLite itself, and without a key everything stays as plain SQLite has it.

pub(in crate::store) mod fault;
pub mod key;
pub mod held;
pub(in crate::store) mod file_uri;
pub mod file_form;
pub mod state;
pub(in crate::store::db) mod log_files;
pub(in crate::store) mod open;
pub mod disk_mode;
pub mod rewrite;
pub mod paths;
