//! The mail room: letters become bytes ([`mime`]), bytes travel by SMTP ([`smtp`]) or into files ([`spool`]), and what
//! reaches a mailbox of ours is read ([`inbound`]). lettre appears only here.
//!
//! One line is one connection owned by one worker. Its life: [`settings`] say where, `connect` opens and encrypts it,
//! `sign_in` signs in, `line` keeps it, `dialogue` carries a letter, `verdict` says what the server's words mean for it.

pub mod settings;
pub mod mime;
pub mod smtp;
pub mod hello;
pub mod spool;
pub mod postbox;
pub mod inbound;
pub mod distrust;
pub mod snag;
mod body;
mod connect;
mod dialogue;
mod line;
mod offers;
mod sign_in;
mod timed;
mod trust;
mod verdict;
mod written;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
