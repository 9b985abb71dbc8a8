//! Work on a database that others use meanwhile, and the log that grows beside it.

pub(in crate::store) mod log_limit;
