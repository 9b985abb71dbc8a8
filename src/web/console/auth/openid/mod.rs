//! Signing in through the hospital's OpenID Connect provider: the way there, and the way back.

pub(in crate::web::console) mod begin;
pub(in crate::web::console) mod callback;
pub(in crate::web::console) mod pending;
pub(in crate::web::console) mod refusal;
