//! What a clinic words itself: its own texts of one letter in one language, beside the operator's files.

use std::collections::BTreeMap;

/// The clinic's own texts of one letter in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWording {
    /// The letter, as files and commands call it.
    pub letter: String,
    /// The language's short code.
    pub language: String,
    /// The version's number; 0 for one that nobody has saved.
    pub version: i64,
    /// What it says in place of the shipped texts, by their names; whatever is not named here is as shipped.
    pub texts: BTreeMap<String, String>,
}
