//! What runs and keeps the daemon: serve, check, backup, restore, demo.

pub mod demo;
pub mod init;
pub mod check;
pub mod prove;
pub mod serve;
pub mod drain;
pub mod rehearse;
pub mod send_test;
pub mod bounce;
pub mod backup;
pub mod restore;
pub mod key;
pub mod doctor;
pub mod start_list;
