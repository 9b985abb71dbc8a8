//! What is done to the database and its key as a whole: copied, put back, renewed.

pub mod backup;
pub mod restore;
pub mod key;
