//! Records whose time is over: how old each is, who asks for what to be erased, and what erasing leaves of it.

pub mod erased_rows;
pub mod record_age;
pub mod request;
