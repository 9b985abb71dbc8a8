//! Tasks, worklists and reports.

pub mod task_pages;
pub(in crate::store) mod task_reason;
mod end_tasks;
pub mod tasks;
pub mod standing_tasks;
pub mod canary;
pub mod monthly_load;
pub mod report;
pub(in crate::store) mod start;
pub mod worklist;
pub mod contact_log;
pub mod task_owner;
pub mod alike;
