//! The protocols that somebody is on: others, other dates, add-ons, ends, each shown before it is applied.

mod form;
pub(in crate::web::console) mod page;
