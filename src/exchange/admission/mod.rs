//! A roster on its way into the record.

pub mod admit;
pub mod check;
