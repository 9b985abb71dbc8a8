//! What the program keeps about itself for leads: the audit.

pub(in crate::web::console) mod audit;
pub(in crate::web::console) mod audit_check;
pub(in crate::web::console) mod erase;
pub(in crate::web::console) mod export;
pub(in crate::web::console) mod merge;
pub(in crate::web::console) mod retention;
mod record_words;
mod audit_query;
mod event_words;
