//! The daemon: bells, loops, and one pass in which everything now due happens in its order.

pub mod lock;
pub mod wake_socket;
pub mod pass;
pub mod bells;
pub mod loops;
pub mod systemd;
pub mod wake;
pub mod heartbeat;
pub mod inbound;
mod mailbox;
pub mod listeners;
pub mod reload;
pub mod config_diff;
pub mod serve;
pub mod rehearsal;
pub mod demo;
pub mod files;
pub mod backup;
pub mod assembly;
pub mod monitoring;
