//! The sections of `aftercare.toml`.

pub mod types;
pub mod places;
pub(in crate::config) mod care;
pub(in crate::config) mod edge;
pub mod learn;
pub(in crate::config) mod cross;
