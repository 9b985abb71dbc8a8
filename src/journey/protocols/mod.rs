//! Protocols of the clinic's own: written as drafts, signed, published, and patients moved to them.

pub mod in_force;
pub mod draft;
pub mod effect;
pub mod publication;
pub mod carry_out;
pub mod sign_off;
