//! What keeps a fault of ours from reaching many: letters stopped by kind, and days far from normal.

pub mod stop_kind;
pub mod volume;
