//! What waits for a person: the first screen, the lists behind it, and tasks with their call log.

pub(in crate::web::console) mod alert_list;
pub(in crate::web::console) mod call_lines;
pub(in crate::web::console) mod contact_form;
pub(super) mod cover_week;
mod failed_letters;
mod health;
pub(in crate::web::console) mod leaving;
pub(in crate::web::console) mod lines;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod silence;
pub(in crate::web::console) mod start;
pub(in crate::web::console) mod task;
pub(in crate::web::console) mod task_words;
pub(in crate::web::console) mod today;
