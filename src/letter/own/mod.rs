//! What a clinic words itself at a page or by a command: which texts a letter has, how they lie over the shipped ones and beneath
//! the operator's files, and the proof that they can stand.

pub mod letter_texts;
pub mod layers;
pub mod text_grade;
pub mod blame;
mod lost_facts;
mod plain_text;
