//! Protocols that new patients are put on, as the files in force have them, with where each comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::care::plan::protocol::Protocol;
use crate::store::plan::protocols::ProtocolVersionId;

/// Where a protocol comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProtocolOrigin {
    /// It ships with the program.
    Shipped,
    /// It stands in a file of whoever runs the program.
    Operator,
    /// Staff wrote and published it in the console.
    Clinic,
}

impl ProtocolOrigin {
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Operator => "file",
            Self::Clinic => "clinic",
        }
    }
}

/// A protocol that new patients are put on.
#[derive(Debug, Clone)]
pub struct ProtocolInForce {
    /// The row of its published version.
    pub version: ProtocolVersionId,
    /// What it asks for.
    pub protocol: Arc<Protocol>,
    /// Where it comes from.
    pub origin: ProtocolOrigin,
}

/// A protocol as a file has it, which need not be published.
#[derive(Debug, Clone)]
pub struct FileProtocol {
    /// What it asks for.
    pub protocol: Arc<Protocol>,
    /// Where it comes from.
    pub origin: ProtocolOrigin,
}

impl From<ProtocolInForce> for FileProtocol {
    fn from(ProtocolInForce { protocol, origin, .. }: ProtocolInForce) -> Self {
        Self { protocol, origin }
    }
}

/// Every protocol in force, by name.
pub type ProtocolsInForce = BTreeMap<String, ProtocolInForce>;
