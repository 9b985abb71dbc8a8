//! What the clinic decides, read once and typed. Every fault is found at once, each with its line and a hint.

pub mod fault;
pub mod checklists;
pub mod pages;

pub use fault::Fault;
