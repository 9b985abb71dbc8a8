//! A change that is tried out: everybody on one protocol is put on another.

use std::sync::Arc;

use crate::care::plan::protocol::Protocol;

/// Everybody on one protocol is put on another.
#[derive(Debug, Clone)]
pub struct PlanMove {
    /// The protocol that is left.
    pub from: String,
    /// What they are put on, published or not; each keeps her own anchor.
    pub to: Arc<Protocol>,
}
