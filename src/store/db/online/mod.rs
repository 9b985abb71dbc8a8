//! Work on a database that others use meanwhile: a copy of one moment, how fast it goes, and the log that grows beside it.

pub(in crate::store) mod file_identity;
pub mod online_copy;
pub mod pace;
pub(in crate::store) mod log_limit;
