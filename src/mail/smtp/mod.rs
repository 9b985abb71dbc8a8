//! SMTP as a client: connection, dialogue, and what the server's replies mean (RFC 5321).

pub mod settings;
pub mod courier;
pub mod ehlo_name;
pub(in crate::mail) mod dialogue;
pub(in crate::mail) mod connection;
pub(in crate::mail) mod connection_limit;
pub(in crate::mail) mod capabilities;
pub(in crate::mail) mod auth;
pub(in crate::mail) mod reply;
pub mod session_limits;
pub mod open_session;
pub mod transport;
