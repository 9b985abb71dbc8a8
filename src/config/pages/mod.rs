//! The words of the patients' pages.

pub mod wording;
pub mod keys;
