//! The sections of `aftercare.toml`, one file each: the section's type, how it is read, and its own rules.

pub mod clinic;
pub mod database;
pub mod mail;
pub mod smtp;
pub mod account;
pub mod dkim;
pub mod sending;
pub mod checklists;
pub mod alerts;
pub mod web;
pub mod openid;
pub mod learn;
pub mod heartbeat;
pub mod backup;
pub mod paths;
pub(in crate::config) mod retention;
pub mod test;
