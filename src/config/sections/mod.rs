//! The sections of `aftercare.toml`.

pub(crate) mod types;
pub(in crate::config) mod places;
pub(in crate::config) mod care;
pub(in crate::config) mod edge;
pub(in crate::config) mod learn;
pub(in crate::config) mod cross;
