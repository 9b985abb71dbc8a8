//! What staff decide for themselves, and how it comes to count.

pub mod change;
pub mod effect;
pub mod ladder_gap;
pub mod wording_change;
