//! What runs and keeps the daemon: serve, check, backup, restore, demo.

pub mod demo;
pub mod init;
pub mod check;
pub mod prove;
pub mod serve;
pub mod reload;
pub mod drain;
pub mod rehearse;
pub mod send_test;
pub mod bounce;
pub mod database;
mod backup_state;
pub mod doctor;
pub mod start_list;
