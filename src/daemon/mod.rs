//! Room under construction.

pub mod lock;
pub mod poke;
