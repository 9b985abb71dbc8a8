//! What is done to the database and its key as a whole: copied, put back, renewed.

pub mod backup;
pub mod restore;
mod restore_questions;
mod rehearse;
mod owner_files;
pub mod key;
