//! Copies of the database, made, kept and put back.

pub mod online;
pub mod nightly;
pub mod restore;
pub mod rehearsal_copy;
