//! The letters: the ledger of all, and one with its text.

pub(in crate::web::console) mod ledger;
pub(in crate::web::console) mod letter;
