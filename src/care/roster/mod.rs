//! Rules about a roster that is taken in.

pub mod booking_list;
