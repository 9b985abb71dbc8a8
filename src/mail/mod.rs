//! Mail: letters become bytes ([`mime`]), bytes travel by SMTP
//! ([`crate::mail::smtp::courier`]) or into files ([`spool`]), and what reaches a mailbox of ours
//! is read ([`crate::mail::inbound::read`]). lettre appears only here. What leaves is signed by [`dkim`] where the clinic wants it.
//!
//! One line is one connection owned by one worker. Its life: [`crate::mail::smtp::settings`] say
//! where, `transport::connect` opens and encrypts it, `auth` signs in, `connection` keeps it,
//! `dialogue` carries a letter, `reply` says what the server's words mean for it.

pub mod mime;
pub mod dkim;
pub mod spool;
pub mod demo_server;
mod transfer_encoding;
mod wire_form;
mod server_words;
pub mod password;
pub mod smtp;
pub mod imap;
pub mod inbound;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod test_issuer;
#[cfg(test)]
mod tests;
