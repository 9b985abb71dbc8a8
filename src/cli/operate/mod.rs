//! What runs and keeps the daemon: serve, check, backup, restore, demo.

pub mod demo;
pub mod init;
pub mod check;
pub mod prove;
pub mod serve;
pub mod reload;
pub mod drain;
pub mod rehearse;
pub mod mail;
pub mod database;
pub mod letter_stop;
pub mod doctor;
pub mod status;
pub mod start_list;
