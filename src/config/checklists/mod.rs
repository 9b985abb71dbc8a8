//! Checklist files: structure and words.

mod structure;
mod consistency;
pub(crate) mod wording;
pub mod checklist;
pub mod source_file;
pub mod structure_reader;
