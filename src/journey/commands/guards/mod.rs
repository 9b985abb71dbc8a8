//! What a person does about letters that must not leave.

pub mod letter_stop;
pub mod volume;
pub mod waiting;
