//! The letters: the ledger of all, and one with its text.

pub(in crate::web::console) mod held;
pub(in crate::web::console) mod ledger;
pub(in crate::web::console) mod letter;
pub(in crate::web::console) mod html_part;
pub(in crate::web::console) mod kinds;
mod letter_as_sent;
