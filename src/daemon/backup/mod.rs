//! Copies of the database, made, kept and put back.

pub mod erased_traces;
pub mod copy_pace;
pub mod online;
pub mod nightly;
mod failed_copy;
pub mod nightly_loop;
mod nightly_work;
pub mod copy_retention;
pub mod second_place;
pub mod rehearse;
pub mod backup_watch;
pub mod restore;
pub mod rollback;
pub mod rehearsal_copy;
