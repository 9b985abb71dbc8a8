//! The checklists and the rules that judge them: what is asked, when each rule speaks, and a form to try them on made-up answers.

pub(in crate::web::console) mod checklist;
pub(in crate::web::console) mod count;
pub(in crate::web::console) mod count_run;
mod count_words;
mod filled_trial;
mod in_force;
pub(in crate::web::console) mod list;
pub(in crate::web::console) mod sign;
pub(in crate::web::console) mod trial;
mod trial_words;
