//! Protocol files.

pub mod draft;
pub mod form;
pub mod layout;
pub mod protocol;
pub(in crate::config) mod series;
pub mod remarks;
pub(in crate::config) mod steps;
