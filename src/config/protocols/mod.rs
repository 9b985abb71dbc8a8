//! Protocol files.

pub mod protocol;
pub(in crate::config) mod series;
pub mod remarks;
pub(in crate::config) mod steps;
