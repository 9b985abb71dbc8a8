//! The patients: the list, one woman's page with its forms, her answers, what she wrote.

pub(in crate::web::console) mod actions;
mod by_reference;
mod call;
mod change_check;
mod change_form;
pub(in crate::web::console) mod contact;
pub(in crate::web::console) mod correction;
pub(in crate::web::console) mod enrol;
mod enrol_form;
mod field_reader;
pub(in crate::web::console) mod inbound_message;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod patient;
pub(in crate::web::console) mod plan;
mod plan_outlook;
pub(in crate::web::console) mod proxy;
pub(in crate::web::console) mod response;
pub(in crate::web::console) mod story;
