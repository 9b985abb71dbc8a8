//! What comes with a roster that is taken in: the list of dates to book.

pub mod booking_list;
