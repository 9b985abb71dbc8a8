//! An alert from raising to closing, and the test alert that proves the ladder.

mod alert_page;
pub(in crate::web::console) mod alert;
pub(in crate::web::console) mod closing;
pub(in crate::web::console) mod closure_words;
pub(in crate::web::console) mod test_alert;
mod closure_form;
pub(in crate::web::console) mod alike;
