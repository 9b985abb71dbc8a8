//! What waits for a person: the list, its lines, one task.

mod booking_list;
pub(in crate::web::console) mod contact_form;
pub(in crate::web::console) mod lines;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod task;
