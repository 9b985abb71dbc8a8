//! A mailbox: a name and an address.

use crate::care::address::EmailAddress;

/// A display name and its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The name shown; may be empty.
    pub name: String,
    /// The address letters go to or come from.
    pub address: EmailAddress,
}
