//! Reading a mailbox that the provider keeps, by IMAP (RFC 3501, RFC 2177). It is opened to be read only: nothing in it is
//! deleted, moved or marked as seen.

pub mod fault;
pub mod mailbox;
mod command;
mod literal_lines;
mod literal_stream;
mod sign_in;
#[cfg(test)]
mod tests;
