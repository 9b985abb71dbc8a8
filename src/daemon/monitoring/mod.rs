//! What the daemon shows of itself to whoever watches it.

pub mod scrape;
mod gauges;
pub mod machine;
pub mod last_drains;
pub mod commit_probe;
mod thread_probe;
pub mod loop_liveness;
pub mod schema_check;
