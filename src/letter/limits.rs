//! How long a template may be and how much work it may make.

/// Bytes a rendered template may have.
pub(super) const CAP: usize = 64 * 1024;

/// Steps a template may take; a shipped one takes some hundreds.
pub(super) const FUEL: u64 = 50_000;
