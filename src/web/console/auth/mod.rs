//! Who is looking: signing in, with a password or through the hospital's provider, the session cookie, limits on tries, same-origin posts.

pub(in crate::web::console) mod attempt_limits;
mod browser_name;
pub(in crate::web::console) mod cookie;
pub(in crate::web::console) mod done_forms;
pub(in crate::web::console) mod form_fields;
pub(in crate::web::console) mod local_paths;
pub(in crate::web::console) mod openid;
pub(in crate::web::console) mod sign_in;
pub(in crate::web::console) mod sign_in_origin;
pub(in crate::web::console) mod same_origin;
pub(in crate::web::console) mod seen_lately;
pub(in crate::web::console) mod session;
mod unsaved_fields;
mod unsaved_form;
pub(in crate::web::console) mod upload;
