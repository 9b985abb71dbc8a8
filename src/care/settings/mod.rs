//! What staff may decide for themselves.

pub mod setting;
