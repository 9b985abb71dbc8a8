//! Room under construction.

pub mod webhook;
