//! Reads TOML: values, ranges and addresses, each with its fault, line and hint.

pub mod fault;
pub(in crate::config) mod reader;
pub(in crate::config) mod values;
pub(in crate::config) mod ranges;
pub(in crate::config) mod addresses;
pub(in crate::config) mod phone_numbers;
pub(in crate::config) mod suggest;
pub mod mailbox;
pub mod time_window;
