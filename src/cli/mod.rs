//! Room under construction.

pub mod plan;
