//! What staff may decide and word for themselves.

pub mod setting;
pub mod own_wording;
