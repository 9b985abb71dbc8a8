//! Signatures under letters (DKIM: RFC 6376, Ed25519 by RFC 8463), made over the very message that leaves.
//!
//! Own code around the keys of the library that signs for TLS. lettre's own signs with the `rsa` crate, whose private keys leak by
//! time (RUSTSEC-2023-0071), and its signatures over a multipart letter's `Content-Type` do not verify. `mail-auth` brings a DNS
//! resolver and twenty crates, reads the clock itself, so that a second copy of a letter would be another message, and does not
//! sign that a header stands there only once. Two verifiers of others judge what comes out (`./test dkim`).

pub mod key;
pub mod record;
pub mod signer;
mod canonical;
