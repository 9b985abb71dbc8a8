//! What comes with a roster that is taken in: the list of dates to book, how an import is undone, and files that wait to be
//! taken in.

pub mod booking_list;
pub mod staged_import;
pub mod undo;
