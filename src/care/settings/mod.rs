//! What staff may decide and word for themselves.

pub mod setting;
pub mod own_wording;
pub mod emergency_number;
