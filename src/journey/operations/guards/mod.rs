//! What keeps a fault of ours from reaching many patients.

pub mod letter_stop;
pub mod volume;
pub mod zone_rules;
