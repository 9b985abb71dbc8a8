//! A patient's record as a person types it: what is looked for, what a field may say, which state of it was seen.

pub mod death_words;
pub mod erasure;
pub mod export_reason;
pub mod field_check;
pub mod merge_clash;
pub mod retention;
pub mod reversal;
pub mod search_term;
mod status_names;
pub mod proxy;
pub mod version;
pub mod suspected_death;
pub mod letter_role;
