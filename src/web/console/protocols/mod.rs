//! The protocols in force: the list, one version, its series in words.

pub(in crate::web::console) mod list;
pub(in crate::web::console) mod series;
pub(in crate::web::console) mod version;
