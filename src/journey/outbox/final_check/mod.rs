//! What is asked of a letter once more before it is sealed: what stops it ([`skip_reason`]), whether it left before a restore ([`prior_delivery`]), who gets it
//! ([`proxy_term`]), and whether a kind in it is stopped ([`stopped_letter`]).

pub(in crate::journey::outbox) mod skip_reason;
pub(in crate::journey) mod prior_delivery;
pub(in crate::journey) mod proxy_term;
pub(in crate::journey) mod stopped_letter;
