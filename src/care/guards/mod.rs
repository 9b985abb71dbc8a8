//! What keeps a fault of ours from reaching many: letters stopped by kind.

pub mod stop_kind;
