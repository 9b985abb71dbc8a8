//! What a command or a page of the console asks for: each one change in one transaction, signed with its actor.

pub mod alerts;
pub mod appointments;
pub mod clinical_record;
pub mod contact_log;
pub mod patient_record;
pub mod protocols;
pub mod record_export;
pub mod retention;
pub mod record_merge;
pub mod record_preview;
pub mod roster;
pub mod staged_imports;
pub mod settings;
pub mod tasks;
pub mod alike;
pub mod guards;
