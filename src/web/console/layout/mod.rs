//! How a console page is made: frame, headers, error pages, times.

pub(in crate::web::console) mod error_page;
mod event_words;
pub(in crate::web::console) mod filter_link;
pub(in crate::web::console) mod frame;
pub(in crate::web::console) mod headers;
pub(in crate::web::console) mod machine_words;
pub(in crate::web::console) mod notice;
pub(in crate::web::console) mod page;
mod person_name;
pub(in crate::web::console) mod prose;
pub(in crate::web::console) mod refused_form;
pub(in crate::web::console) mod sentence;
pub(in crate::web::console) mod step_words;
pub(in crate::web::console) mod style_page;
pub(in crate::web::console) mod time_format;
