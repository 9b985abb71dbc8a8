//! What staff decide for themselves: the list of settings ([`list`]), the page of one ([`setting`]) with its form ([`form`]),
//! what a change would do ([`effect`]) and its history ([`history`]).

mod effect;
mod form;
pub(super) mod forms;
pub(in crate::web::console) mod history;
mod history_text;
pub(super) mod list;
pub(super) mod setting;
pub(super) mod centres_file;
pub(in crate::web::console) mod current;
