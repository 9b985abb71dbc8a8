//! Protocol files: read into values of `care`, with every fault by its line, and remarks on them.

pub mod protocol;
pub(in crate::config) mod series;
pub mod remarks;
pub(in crate::config) mod steps;
