//! Who works here: what each role may do.

pub(in crate::web::console) mod roles;
