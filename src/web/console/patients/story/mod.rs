//! Her whole story: what happened and what lies ahead, as one picture and as a list.

mod events;
pub(in crate::web::console) mod page;
mod picture;
