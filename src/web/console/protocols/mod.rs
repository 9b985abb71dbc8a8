//! Protocols: the list, one version, drafts and their designer, publications, versions side by side.

pub(in crate::web::console) mod compare;
pub(in crate::web::console) mod designer;
pub(in crate::web::console) mod draft;
pub(in crate::web::console) mod draft_begin;
pub(in crate::web::console) mod draft_text;
pub(in crate::web::console) mod example;
pub(in crate::web::console) mod findings;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod publication;
pub(in crate::web::console) mod publish;
pub(in crate::web::console) mod series;
pub(in crate::web::console) mod series_fields;
pub(in crate::web::console) mod version;
pub(in crate::web::console) mod words;
