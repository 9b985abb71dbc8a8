//! The clinic's own words of a letter: written beside the shipped ones, proved and looked at before they are saved, kept as
//! versions with who and when.

mod compare_texts;
pub(in crate::web::console) mod compare;
mod effect;
mod history;
pub(in crate::web::console) mod html_part;
pub(in crate::web::console) mod unsaved_letters;
pub(in crate::web::console) mod page;
mod text_fields;
pub(in crate::web::console::letters::kinds) mod worded_letter;
