//! Links to pages, checklists, and filled-in forms.

pub mod links;
pub mod link_keys;
pub mod checklists;
pub mod past_answers;
pub mod replaced_answer;
pub mod responses;
pub mod response_update;
