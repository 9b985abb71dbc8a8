//! Copies of the database, made, kept and put back.

pub mod erased_traces;
pub mod online;
pub mod nightly;
pub mod restore;
pub mod rehearsal_copy;
