//! The console in another language: templates and the program's own sentences are written in English, as in gettext the English
//! is the key, and a catalog of `config/console` gives each its words in the other language.

pub(in crate::web) mod catalog;
#[cfg(test)]
mod completeness;
mod date;
mod literal;
mod message;
pub(in crate::web) mod reader;
mod segment;
pub mod shipped;
mod template;
mod token;
