//! Imports on record, and the list of dates that a person books for those who came in mid-course.

pub mod booking_list;
pub mod imports;
pub mod import_undo;
pub mod staged;
