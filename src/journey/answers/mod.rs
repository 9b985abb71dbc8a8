//! A link is opened, a form comes back, and what follows; or none comes.

pub mod link_access;
pub mod link_owner;
pub(in crate::journey) mod clinical_history;
pub mod baseline;
pub mod bone_spread_effect;
pub(in crate::journey) mod raise_alert;
pub mod respond;
pub mod new_link;
pub mod nonresponse;
mod completion;
mod form_in_progress;
pub(crate) mod verdict;
pub mod advice;
pub mod trial;
