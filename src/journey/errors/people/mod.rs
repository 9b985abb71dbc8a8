//! What cannot be done to a patient: to her record, her status, her contact.

pub mod contact;
pub mod erasure;
pub mod record;
pub mod restore;
pub mod status;
