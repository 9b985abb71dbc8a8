//! She rang: what she said is noted, and her form is filled in with her.

pub(in crate::web::console) mod form;
