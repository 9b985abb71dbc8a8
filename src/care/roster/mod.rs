//! Rules about a roster that is taken in.

pub mod booking_list;
pub mod import_undo;
pub mod row_verdict;
