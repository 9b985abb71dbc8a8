//! What waits for a person: the list, its lines, one task.

pub(in crate::web::console) mod contact_form;
pub(in crate::web::console) mod lines;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod task;
