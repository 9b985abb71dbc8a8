//! What becomes of records whose time is over.

pub mod erasure;
