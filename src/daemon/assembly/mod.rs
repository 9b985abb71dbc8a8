//! Puts the modules together: configuration, files and database become what steps and pages work with.

pub mod wording;
pub mod alert_settings;
pub mod engine;
pub mod protocol_files;
pub mod forbidden_keys;
pub mod mail_account;
pub mod dkim;
pub mod open_secrets;
pub mod preflight;
pub mod sending_settings;
pub mod settings;
