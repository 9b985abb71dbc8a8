//! Records of other systems: rosters in, resources and webhooks out.

pub mod roster;
pub mod webhook;
