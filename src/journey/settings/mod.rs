//! What staff decide for themselves, and how it comes to count.

pub mod change;
pub mod effect;
pub mod ladder_gap;
pub mod lapsed_signature;
pub mod rules_signature;
pub mod wording_change;
