//! How long a connection waits, and what all connections of one courier share.

use std::time::Duration;

/// How long QUIT may take before the connection is closed without it.
pub(in crate::mail) const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// A step that keeps moving may take this many times the allowed silence, then it ends all the same.
pub(in crate::mail) const PATIENCE: u32 = 5;
