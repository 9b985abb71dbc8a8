//! A patient's record as a person types it: what is looked for.

pub mod search_term;
