//! The daemon: bells, loops, and one pass in which everything now due happens in its order.

pub mod place;
pub mod lock;
pub mod poke;
pub mod answering;
pub mod engine;
pub mod keys;
pub mod vanished;
pub mod proof;
pub mod pass;
pub mod bells;
pub mod turns;
pub mod systemd;
pub mod heartbeat;
pub mod backup;
pub mod nightly;
pub mod restoring;
pub mod pages;
pub mod reload;
pub mod changed;
pub mod serve;
pub mod rehearsal;
pub mod copy;
pub mod demo;
