//! Who works here: accounts and invitations, one's own account, what each role may do.

pub(in crate::web::console) mod account;
pub(in crate::web::console) mod connection;
pub(in crate::web::console) mod join;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod own;
pub(in crate::web::console) mod roles;
mod session_lines;
pub(in crate::web::console) mod views;
