//! What keeps the whole in order: holds, clock, canary, tasks, restores, accounts.

pub mod hold;
pub mod clock_watch;
pub mod close_task;
pub mod close_alert;
pub mod standing_tasks;
pub mod canary;
pub mod accounts;
pub mod restore;
pub mod rekey;
pub mod unreadable_rows;
pub mod restore_report;
pub mod end_tasks;
pub mod contact_log;
pub mod call_note;
pub mod assign_task;
pub mod condition;
pub mod guards;
