//! What an answer means: facts, rules, the most urgent tier (clinical brief, section 4).

pub mod tier;
pub mod rule_text;
pub mod judge;
pub mod judging;
mod facts;
mod rules;
pub mod case;
pub mod sign_off;
