//! The way of letters and of what comes back, tried and shown by hand.

pub mod send_test;
pub mod bounce;
pub mod dkim;
