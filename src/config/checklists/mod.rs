//! Checklist files: structure and words.

mod structure;
mod consistency;
mod wording;
pub mod checklist;
