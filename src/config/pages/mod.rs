//! The words of the patients' pages.

pub mod wording;
mod keys;
