//! The files beside the database: the key, how they are rewritten, what is gone.

pub mod rewrite_database;
pub mod sealed_key;
pub mod key_file;
pub mod look_deadline;
pub mod missing_database;
pub mod file_mode;
pub mod rewrite_traces;
