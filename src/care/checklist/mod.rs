//! The form about warning signs: what is asked, and what came back.

pub mod silence;
pub mod item;
pub mod definition;
pub mod answer;
pub mod asked;
pub mod pace;
