//! What the program keeps about itself for leads: the audit.

pub(in crate::web::console) mod audit;
