//! A backup takes the database's place: what is carried over, and the letters of which something is known that it does not have.

pub mod restored;
pub mod held_letters;
pub mod rehearsal;
mod prior;
