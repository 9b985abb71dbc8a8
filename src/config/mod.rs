//! What the clinic decides, read once and typed. Every fault is found at once, each with its line and a hint; nothing is
//! guessed. Secrets never stand here: [`credential`] fetches them.

pub mod embedded;
pub mod credential;
pub mod load;
pub mod sources;
pub mod centres;
pub mod file;
pub mod sections;
pub mod protocols;
pub mod checklists;
pub mod pages;
