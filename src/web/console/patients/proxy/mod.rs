//! Who acts for a patient: the page ([`page`]), and the fields that its form and that of enrolling ask for ([`form`]).

pub(in crate::web::console::patients) mod form;
pub(in crate::web::console) mod page;
