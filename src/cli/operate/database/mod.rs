//! What is done to the database and its keys as a whole: copied, put back, renewed, encrypted.

pub mod backup;
pub mod restore;
mod restore_questions;
mod rehearse;
pub(in crate::cli) mod owner_files;
mod command_pace;
pub mod key;
pub mod encryption;
