//! How the whole stands: what speaks against it, judged from one look at the database, for `aftercare status` and for the daily
//! digest to ops.

pub mod failed_loops;
pub mod ops_findings;
pub mod digest;
pub mod mailbox;
pub mod erased_traces;
