//! From a host name to an encrypted stream with deadlines, and why there is none.

pub mod tls_error;
pub mod connect_error;
pub(in crate::mail) mod connect;
pub(in crate::mail) mod deadline_stream;
pub(in crate::mail) mod reply_lines;
pub(in crate::mail) mod reply_stream;
pub(in crate::mail) mod trust_roots;
