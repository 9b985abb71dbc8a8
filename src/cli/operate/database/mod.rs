//! What is done to the database and its keys as a whole: copied, put back, renewed, encrypted.

pub mod backup;
pub mod restore;
pub mod key;
pub mod encryption;
