//! The daemon: bells, loops, and one pass in which everything now due happens in its order.

pub mod lock;
pub mod poke;
pub mod engine;
pub mod pass;
