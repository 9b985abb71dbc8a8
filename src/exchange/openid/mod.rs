//! The hospital's OpenID Connect provider, as we ask it: discovery and keys, the address that a browser is sent to, and what a
//! code that came back proves. Every call blocks: make it off the async threads.

pub mod fault;
pub mod provider;
mod discovery;
