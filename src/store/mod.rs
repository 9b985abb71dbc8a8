//! The memory: all SQL lives here. One writer thread with group commit, a few read-only connections, WAL and
//! `synchronous=FULL`: what was acknowledged survives a power cut.

pub mod error;
pub mod row_page;
pub mod subject;
pub mod audit_action;
pub mod events;
pub mod audit;
pub mod audit_pages;
pub mod restored_ids;
pub mod journal;
pub mod restore_diff;
pub mod db;
pub mod plan;
pub mod people;
pub mod accounts;
pub mod mail;
pub mod answers;
pub mod alerts;
pub mod work;
pub mod roster;
pub mod monitoring;
pub mod settings;
pub mod setting_effect;
pub mod own_wordings;
pub mod database;
mod office_hours;
