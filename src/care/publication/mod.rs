//! A protocol before and while it is published: its way to the patients, and what it brings them.

pub mod state;
pub mod letter_count;
pub mod example_plan;
